# Reference values for the models in which days resemble each other: nlme's lme with AR(1) inside periods, gls with
# AR(1) over the calendar, lmer on exposures, wilcox.test for medians of differences.
# Run by `make reference`; writes serial.json beside this file. Packages: lme4, pbkrtest, nlme, jsonlite.
suppressPackageStartupMessages({
  library(lme4); library(pbkrtest); library(nlme); library(jsonlite)
})
options(digits = 15)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

# ---- data ------------------------------------------------------------------------------------------------
blocks <- function(n_blocks, codes) {
  data.frame(period = seq_len(n_blocks * length(codes)), block = rep(seq_len(n_blocks), each = length(codes)),
             condition = as.vector(replicate(n_blocks, sample(codes))))
}
trial <- function(n_blocks, days, sp, rho, effect, codes = c("on", "off"), run_in = 0) {
  plan <- blocks(n_blocks, codes)
  d <- plan[rep(seq_len(nrow(plan)), each = days), ]
  n <- nrow(d)
  d$day <- seq_len(n) + run_in
  d$session <- d$day
  e <- if (rho == 0) rnorm(n) else as.vector(arima.sim(list(ar = rho), n, sd = sqrt(1 - rho^2)))
  shift <- if (length(effect) == 1) effect * (d$condition == "on") else effect[d$condition]
  d$value <- 0.4 * log(d$session) + rnorm(nrow(plan), 0, sp)[d$period] + e + shift
  rownames(d) <- NULL
  d
}
lose <- function(d, share) { d$value[runif(nrow(d)) < share] <- NA; d }
onset <- function(d, first) d[ave(d$day, d$period, FUN = seq_along) > first, ]

# ---- Kenward and Roger, first order, with dense matrices and numerical derivatives -------------------------
kenward_roger <- function(x, theta, covariance, l, h = 1e-5) {
  v <- covariance(theta); k <- length(theta)
  dv <- lapply(seq_len(k), function(i) {
    up <- theta; down <- theta; up[i] <- up[i] + h; down[i] <- down[i] - h
    (covariance(up) - covariance(down)) / (2 * h)
  })
  vi <- solve(v); phi <- solve(t(x) %*% vi %*% x)
  project <- vi - vi %*% x %*% phi %*% t(x) %*% vi
  info <- outer(seq_len(k), seq_len(k),
                Vectorize(function(i, j) 0.5 * sum(diag(project %*% dv[[i]] %*% project %*% dv[[j]]))))
  w <- solve(info)
  p <- lapply(dv, function(d) -t(x) %*% vi %*% d %*% vi %*% x)
  middle <- 0
  for (i in seq_len(k)) for (j in seq_len(k)) {
    q <- t(x) %*% vi %*% dv[[i]] %*% vi %*% dv[[j]] %*% vi %*% x
    middle <- middle + w[i, j] * (q - p[[i]] %*% phi %*% p[[j]])
  }
  wide <- phi + 2 * phi %*% middle %*% phi
  g <- sapply(p, function(m) -t(l) %*% phi %*% m %*% phi %*% l)
  plain <- as.numeric(t(l) %*% phi %*% l)
  list(plain_se = sqrt(plain), se = sqrt(max(plain, as.numeric(t(l) %*% wide %*% l))),
       df = as.numeric(2 * plain^2 / (t(g) %*% w %*% g)))
}
power_of <- function(rho, gap) ifelse(gap %% 2 == 0, 1, sign(rho)) * abs(rho)^gap
weights_of <- function(fixed, weights) {
  l <- setNames(rep(0, length(fixed)), names(fixed))
  l[paste0("condition", names(weights))] <- unlist(weights)
  l
}
formula_of <- function(trend) switch(trend, log = value ~ 0 + condition + log(session),
                                     linear = value ~ 0 + condition + session, none = value ~ 0 + condition)

# ---- AR(1) inside periods, with a period intercept ---------------------------------------------------------
within_periods <- function(d, weights, trend) {
  use <- d[!is.na(d$value), ]
  use$condition <- factor(use$condition)
  f <- formula_of(trend)
  best <- NULL
  for (start in c(-0.3, 0.05, 0.3, 0.6, 0.8)) {
    fit <- try(lme(f, use, random = ~1 | period, correlation = corAR1(start, form = ~day | period), method = "REML",
                   control = lmeControl(msTol = 1e-13, tolerance = 1e-13, msMaxIter = 1000, maxIter = 1000,
                                        niterEM = 100, opt = "optim", optimMethod = "BFGS", reltol = 1e-15)),
               silent = TRUE)
    if (!inherits(fit, "try-error") && (is.null(best) || logLik(fit) > logLik(best))) best <- fit
  }
  rho <- unname(coef(best$modelStruct$corStruct, unconstrained = FALSE))
  vp <- as.numeric(getVarCov(best)); s2 <- best$sigma^2
  l <- weights_of(fixef(best), weights)
  same <- outer(use$period, use$period, "=="); gap <- abs(outer(use$day, use$day, "-"))
  covariance <- function(theta) same * (theta[1] * power_of(theta[2], ifelse(same, gap, 0)) + theta[3])
  c(list(estimate = sum(l * fixef(best)), rho = rho, day_variance = s2, period_variance = vp,
         log_likelihood = as.numeric(logLik(best))),
    kenward_roger(model.matrix(f, use), c(s2, rho, vp), covariance, l))
}
over_the_calendar <- function(d, weights, trend) {
  use <- d[!is.na(d$value), ]
  use$condition <- factor(use$condition)
  f <- formula_of(trend)
  best <- NULL
  for (start in c(-0.3, 0.1, 0.3, 0.6, 0.85)) {
    fit <- try(gls(f, use, correlation = corAR1(start, form = ~day), method = "REML",
                   control = glsControl(msTol = 1e-13, tolerance = 1e-13, msMaxIter = 500)), silent = TRUE)
    if (!inherits(fit, "try-error") && (is.null(best) || logLik(fit) > logLik(best))) best <- fit
  }
  l <- weights_of(coef(best), weights)
  list(estimate = sum(l * coef(best)), rho = unname(coef(best$modelStruct$corStruct, unconstrained = FALSE)),
       sigma = best$sigma, plain_se = as.numeric(sqrt(t(l) %*% vcov(best) %*% l)))
}

# ---- exposures ---------------------------------------------------------------------------------------------
exposed <- function(d, half_lives, weights) {
  for (code in names(half_lives)) {
    q <- 2^(-1 / half_lives[[code]]); level <- 0; found <- numeric(nrow(d))
    for (i in seq_len(nrow(d))) { level <- q * level + (1 - q) * (d$condition[i] == code); found[i] <- level }
    d[[paste0("e_", code)]] <- found
  }
  use <- d[!is.na(d$value), ]
  use$g <- factor(use$period)
  f <- reformulate(c(paste0("e_", names(half_lives)), "log(session)", "(1 | g)"), "value")
  fit <- lmer(f, use, REML = TRUE, control = lmerControl(optimizer = "bobyqa",
              optCtrl = list(rhobeg = 0.02, rhoend = 1e-12, maxfun = 1e5), check.conv.singular = "ignore"))
  l <- setNames(rep(0, length(fixef(fit))), names(fixef(fit)))
  l[paste0("e_", names(half_lives))] <- unlist(weights[names(half_lives)])
  kr <- vcovAdj(fit)
  list(estimate = sum(l * fixef(fit)), se = as.numeric(sqrt(t(l) %*% kr %*% l)), df = Lb_ddf(l, vcov(fit), kr))
}

set.seed(731)
on_off <- list(on = 1, off = -1)
case <- function(name, d, weights = on_off, trend = "log") {
  list(name = name, frame = d, contrast = weights, trend = trend,
       serial_model = within_periods(d, weights, trend), calendar = over_the_calendar(d, weights, trend))
}
gaps <- local({ d <- trial(6, 7, 0.5, 0.5, 0.5); d$day <- cumsum(sample(1:3, nrow(d), TRUE, c(8, 2, 1))); d })
serial_cases <- list(
  case("six blocks of two weeks", trial(6, 7, 0.6, 0.4, 0.8)),
  case("days missing", lose(trial(6, 10, 0.8, 0.5, 0.5), 0.2)),
  case("gaps in the calendar", gaps),
  case("onset days left out, after a run-in", onset(trial(6, 9, 0.7, 0.6, 0.5, run_in = 8), 2)),
  case("neighbours differ", trial(8, 7, 0.8, -0.4, 0.5)),
  case("three doses, linear trend", trial(5, 7, 0.8, 0.4, c(high = 1, low = 0.5, none = 0), c("high", "low", "none")),
       list(high = 0.5, low = 0, none = -0.5), "linear"),
  case("no trend, long periods", trial(3, 20, 0.9, 0.6, 1), trend = "none")
)
exposure_case <- function(name, d, half_lives, weights) {
  list(name = name, frame = d, half_lives = half_lives, contrast = weights,
       exposure_model = exposed(d, half_lives, weights))
}
exposure_cases <- list(
  exposure_case("one condition fades", lose(trial(6, 7, 0.4, 0, 1), 0.1), list(on = 1.5), on_off),
  exposure_case("two conditions fade", trial(5, 7, 0.4, 0, c(a = 1, b = 0.5, off = 0), c("a", "b", "off")),
                list(a = 2, b = 0.5), list(a = 1, b = -1, off = 0))
)
values <- round(rnorm(12, 10, 2) + rep(c(1, 0), 6), 2)
test <- wilcox.test(values[c(TRUE, FALSE)], values[c(FALSE, TRUE)], conf.int = TRUE, exact = TRUE)
ranks <- list(value = values, condition = rep(c("on", "off"), 6), estimate = unname(test$estimate))

versions <- sapply(c("lme4", "pbkrtest", "nlme", "jsonlite"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), session_info = capture.output(sessionInfo()),
                serial = serial_cases, exposure = exposure_cases, ranks = ranks),
           file.path(here, "serial.json"), digits = 15, auto_unbox = TRUE, na = "null", dataframe = "columns", null = "null")
