# Reference values for tests/analysis: the same data, analysed by lme4 + pbkrtest + lmerTest and by nlme.
# Run by `make reference`; writes reference.json beside this file. Packages: lme4, lmerTest, pbkrtest, nlme, jsonlite.
suppressPackageStartupMessages({
  library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(jsonlite)
})
options(digits = 15)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-12, maxfun = 1e5),
                     check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore")

# ---- data ------------------------------------------------------------------------------------------------
blocks <- function(n_blocks, codes) {
  data.frame(period = seq_len(n_blocks * length(codes)), block = rep(seq_len(n_blocks), each = length(codes)),
             condition = as.vector(replicate(n_blocks, sample(codes))))
}
in_periods <- function(plan, days, sp, rho = 0, effect = 0, practice = 0.4, sb = 0, run_in = 0) {
  days <- rep(days, length.out = nrow(plan))
  d <- plan[rep(seq_len(nrow(plan)), days), ]
  n <- nrow(d)
  d$day <- seq_len(n) + run_in
  d$session <- d$day
  e <- if (rho == 0) rnorm(n) else as.vector(arima.sim(list(ar = rho), n, sd = sqrt(1 - rho^2)))
  shift <- if (length(effect) == 1) effect * (d$condition == "on") else effect[d$condition]
  d$value <- practice * log(d$session) + rnorm(nrow(plan), 0, sp)[d$period] +
    rnorm(max(d$block), 0, sb)[d$block] + e + shift
  rownames(d) <- NULL
  d
}
# Pull the means of periods or blocks towards each other, so that their variance is estimated as 0.
flat <- function(d, by, share = 0.9) { d$value <- d$value - share * ave(d$value, d[[by]]); d }
lose <- function(d, share) { d$value[runif(nrow(d)) < share] <- NA; d }

# ---- mixed model -----------------------------------------------------------------------------------------
mixed <- function(d, weights, trend = "log", block_effect = FALSE) {
  use <- d[!is.na(d$value), ]
  use$condition <- factor(use$condition)
  use$g <- factor(use$period); use$b <- factor(use$block)
  f <- switch(trend, log = value ~ 0 + condition + log(session), linear = value ~ 0 + condition + session,
              none = value ~ 0 + condition)
  f <- update(f, if (block_effect) . ~ . + (1 | g) + (1 | b) else . ~ . + (1 | g))
  fit <- lmer(f, use, REML = TRUE, control = tight)
  l <- setNames(rep(0, length(fixef(fit))), names(fixef(fit)))
  l[paste0("condition", names(weights))] <- unlist(weights)
  kr <- vcovAdj(as(fit, "lmerMod"))
  satt <- contest(as_lmerModLmerTest(fit), l, joint = FALSE)
  vc <- as.data.frame(VarCorr(fit))
  estimate <- sum(l * fixef(fit)); se <- as.numeric(sqrt(t(l) %*% kr %*% l)); df <- Lb_ddf(l, vcov(fit), kr)
  list(estimate = estimate, se = se, df = df, p_value = 2 * pt(-abs(estimate / se), df),
       satterthwaite_se = satt[["Std. Error"]], satterthwaite_df = satt[["df"]],
       period_variance = vc$vcov[vc$grp == "g"], day_variance = vc$vcov[vc$grp == "Residual"],
       block_variance = if (block_effect) vc$vcov[vc$grp == "b"] else NULL, singular = isSingular(fit, 1e-4))
}
period_means <- function(d, weights) {
  use <- d[!is.na(d$value), ]
  use$clock <- log(use$session)
  m <- aggregate(cbind(value, clock) ~ period + condition, use, mean)
  m$condition <- factor(m$condition)
  fit <- lm(value ~ 0 + condition + clock, m)
  l <- setNames(rep(0, length(coef(fit))), names(coef(fit)))
  l[paste0("condition", names(weights))] <- unlist(weights)
  list(estimate = sum(l * coef(fit)), se = as.numeric(sqrt(t(l) %*% vcov(fit) %*% l)), df = df.residual(fit))
}
paired <- function(d, weights) {
  m <- aggregate(value ~ period + block + condition, d, mean)
  x <- tapply(m$value, list(m$block, m$condition), mean)[, names(weights)] %*% unlist(weights)
  t <- t.test(x[!is.na(x)])
  list(estimate = unname(t$estimate), se = t$stderr, df = unname(t$parameter), p_value = t$p.value)
}
set.seed(20242)
on_off <- list(on = 1, off = -1)
two <- function() blocks(6, c("on", "off"))
case <- function(name, d, weights = on_off, trend = "log", block_effect = FALSE) {
  list(name = name, frame = d, contrast = weights, trend = trend, block_effect = block_effect,
       mixed_model = mixed(d, weights, trend, block_effect),
       period_means = if (trend == "log") period_means(d, weights) else NULL,
       paired_blocks = paired(d, weights))
}
whole_period <- local({ d <- in_periods(two(), 7, 0.5); d$value[d$period == 4] <- NA; lose(d, 0.1) })
large <- local({ d <- in_periods(two(), 7, 0.3, 0.3, 1); d$value <- 520 + 43 * d$value; d })
onset <- local({ d <- in_periods(two(), 7, 0.4, 0.3, 0.5, run_in = 8)
                 d[ave(d$day, d$period, FUN = seq_along) > 2, ] })
mixed_cases <- list(
  case("balanced, six blocks of two", in_periods(two(), 7, 0.6, 0, 0.8)),
  case("periods of different length", in_periods(two(), c(3, 9, 7, 5, 12, 7), 0.5, 0, 0.5)),
  case("a fifth of the days missing", lose(in_periods(two(), 7, 0.6, 0.3), 0.2)),
  case("a period lost", whole_period),
  case("no variance between periods", in_periods(two(), 7, 0, 0, 0.4)),
  case("no variance between periods, days missing", lose(flat(in_periods(two(), 5, 0, 0, 1), "period"), 0.3)),
  case("large numbers", large),
  case("run-in and onset days left out", onset),
  case("no trend", in_periods(two(), 7, 0.5), trend = "none"),
  case("linear trend, three blocks", in_periods(blocks(3, c("on", "off")), 7, 0.4), trend = "linear"),
  case("three conditions", in_periods(blocks(6, c("high", "low", "none")), 7, 0.4,
       effect = c(high = 1, low = 0.5, none = 0)), list(high = 1, none = -1)),
  case("three conditions, days missing", lose(in_periods(blocks(4, c("high", "low", "none")), 7, 0.6,
       effect = c(high = 1, low = 0.5, none = 0)), 0.25), list(low = 1, none = -1)),
  case("four doses, linear", in_periods(blocks(4, c("d0", "d1", "d2", "d3")), 7, 0.3,
       effect = c(d0 = 0, d1 = 0.2, d2 = 0.4, d3 = 0.6)), list(d0 = -0.3, d1 = -0.1, d2 = 0.1, d3 = 0.3)),
  case("variance between blocks", in_periods(two(), 7, 0.5, 0, 0.5, sb = 1.5), block_effect = TRUE),
  case("variance between blocks, days missing", lose(in_periods(blocks(8, c("on", "off")), 7, 0.7, 0, 0.5,
       sb = 1), 0.2), block_effect = TRUE),
  case("no variance between blocks", flat(in_periods(two(), 7, 0.9, 0, 0.5), "block"), block_effect = TRUE),
  case("no variance between blocks or periods", flat(flat(in_periods(two(), 7, 0, 0, 0.5), "block"), "period"),
       block_effect = TRUE)
)

# ---- daily model -----------------------------------------------------------------------------------------
# Estimate, rho, sigma and plain SE by nlme; the first-order Kenward-Roger by dense matrices, the derivative
# of the correlation matrix taken numerically.
kenward_roger <- function(x, day, rho, s2, l) {
  gap <- abs(outer(day, day, "-"))
  v <- function(s2, rho) s2 * sign(rho)^gap * abs(rho)^gap
  if (rho < 0) v <- function(s2, rho) s2 * ifelse(gap %% 2 == 0, 1, -1) * abs(rho)^gap
  h <- 1e-5
  dv <- list(v(s2, rho) / s2, (v(s2, rho + h) - v(s2, rho - h)) / (2 * h))
  vi <- solve(v(s2, rho)); phi <- solve(t(x) %*% vi %*% x)
  project <- vi - vi %*% x %*% phi %*% t(x) %*% vi
  info <- outer(1:2, 1:2, Vectorize(function(i, j) 0.5 * sum(diag(project %*% dv[[i]] %*% project %*% dv[[j]]))))
  w <- solve(info)
  p <- lapply(dv, function(d) -t(x) %*% vi %*% d %*% vi %*% x)
  middle <- 0
  for (i in 1:2) for (j in 1:2) {
    q <- t(x) %*% vi %*% dv[[i]] %*% vi %*% dv[[j]] %*% vi %*% x
    middle <- middle + w[i, j] * (q - p[[i]] %*% phi %*% p[[j]])
  }
  adjusted <- phi + 2 * phi %*% middle %*% phi
  k <- sapply(p, function(m) -t(l) %*% phi %*% m %*% phi %*% l)
  plain <- as.numeric(t(l) %*% phi %*% l)
  list(plain_se = sqrt(plain), se = sqrt(max(plain, as.numeric(t(l) %*% adjusted %*% l))),
       df = as.numeric(2 * plain^2 / (t(k) %*% w %*% k)))
}
daily <- function(d, weights, trend = "log") {
  use <- aggregate(value ~ day + condition, d[!is.na(d$value), ], mean)
  use <- use[order(use$day), ]
  use$condition <- factor(use$condition)
  f <- switch(trend, log = value ~ 0 + condition + log(day), linear = value ~ 0 + condition + day,
              none = value ~ 0 + condition)
  best <- NULL
  for (start in c(-0.3, 0.1, 0.3, 0.6, 0.85)) {
    fit <- try(gls(f, use, correlation = corAR1(start, form = ~day), method = "REML",
                   control = glsControl(msTol = 1e-13, tolerance = 1e-13, msMaxIter = 500)), silent = TRUE)
    if (!inherits(fit, "try-error") && (is.null(best) || logLik(fit) > logLik(best))) best <- fit
  }
  rho <- unname(coef(best$modelStruct$corStruct, unconstrained = FALSE))
  l <- setNames(rep(0, length(coef(best))), names(coef(best)))
  l[paste0("condition", names(weights))] <- unlist(weights)
  c(list(estimate = sum(l * coef(best)), rho = rho, sigma = best$sigma, gls_se = as.numeric(sqrt(t(l) %*% vcov(best) %*% l))),
    kenward_roger(model.matrix(f, use), use$day, rho, best$sigma^2, l))
}
daily_plan <- function(n, codes) data.frame(period = seq_len(n), block = 0, condition = sample(rep(codes, n / length(codes))))
days <- function(n, rho, effect = 0, codes = c("on", "off")) {
  d <- in_periods(transform(daily_plan(n, codes), block = 1), 1, 0, rho, effect); d$block <- NULL; d
}
prompts <- local({
  d <- days(40, 0.5, 0.4); d <- d[rep(seq_len(40), each = 3), ]
  d$session <- seq_len(120); d$value <- d$value + rnorm(120, 0, 0.7); rownames(d) <- NULL
  lose(d, 0.15)
})
gaps <- local({ d <- days(50, 0.5, 0.5); d$day <- cumsum(sample(1:4, 50, TRUE, c(6, 2, 1, 1))); d$session <- d$day; d })
daily_case <- function(name, d, weights = on_off, trend = "log") {
  list(name = name, frame = d, contrast = weights, trend = trend, daily_model = daily(d, weights, trend))
}
daily_cases <- list(
  daily_case("fifty days", days(50, 0.3, 0.5)),
  daily_case("seventy days, strong correlation", days(70, 0.8, 0.5)),
  daily_case("days missing", lose(days(50, 0.6, 0.5), 0.2)),
  daily_case("gaps in the calendar", gaps),
  daily_case("neighbours differ", days(50, -0.5, 0.5)),
  daily_case("twenty days", days(20, 0.3, 0.5)),
  daily_case("three conditions", days(60, 0.4, c(high = 1, low = 0.5, none = 0), c("high", "low", "none")),
             list(high = 1, none = -1)),
  daily_case("three conditions, days missing, linear trend",
             lose(days(60, 0.4, c(high = 1, low = 0.5, none = 0), c("high", "low", "none")), 0.2),
             list(high = 0.5, low = 0.5, none = -1), "linear"),
  daily_case("three prompts a day", prompts),
  daily_case("no trend", days(30, 0.3), trend = "none")
)

versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "nlme", "jsonlite"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), session_info = capture.output(sessionInfo()),
                mixed = mixed_cases, daily = daily_cases),
           file.path(here, "reference.json"), digits = 15, auto_unbox = TRUE, na = "null", dataframe = "columns", null = "null")
