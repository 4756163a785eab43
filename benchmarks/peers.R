# The peers in R: peers.R JOB FILE [N]. Each does one job several times and prints {"seconds": of one, ...} as JSON.
options(digits = 15)
args <- commandArgs(TRUE)
job <- args[1]
read <- function() read.csv(args[2])
n <- if (length(args) > 2) as.integer(args[3]) else 1L
say <- function(...) cat(jsonlite::toJSON(list(...), digits = 15, auto_unbox = TRUE, na = "null"), "\n")
cpu <- function() sum(proc.time()[c("user.self", "sys.self")])
clock <- function(work) { start <- cpu(); result <- work(); list(seconds = cpu() - start, result = result) }
each <- function(trials, one) {
  one(trials[[1]])                                        # the first fit loads and compiles
  took <- clock(function() lapply(trials, one))
  list(seconds = took$seconds / length(trials), fits = do.call(rbind, took$result))
}
quiet <- function(code) suppressMessages(suppressWarnings(code))

if (job == "lme" || job == "lmerTest" || job == "gls") {
  d <- read()
  trials <- split(d, d$trial)[seq_len(min(n, length(unique(d$trial))))]
  fit <- switch(job,
    lme = function(t) { m <- nlme::lme(value ~ treat + log(session), random = ~ 1 | period, data = t)
      s <- summary(m)$tTable["treat", ]; c(s[["Value"]], s[["Std.Error"]], s[["DF"]], s[["p-value"]]) },
    lmerTest = function(t) { m <- lmerTest::lmer(value ~ treat + log(session) + (1 | period), data = t)
      s <- summary(m)$coefficients["treat", ]; s[c("Estimate", "Std. Error", "df", "Pr(>|t|)")] },
    gls = function(t) { m <- nlme::gls(value ~ treat + log(session), correlation = nlme::corAR1(form = ~ day), data = t)
      s <- summary(m)$tTable["treat", ]; c(s[["Value"]], s[["Std.Error"]], coef(m$modelStruct$corStruct, unconstrained = FALSE), s[["p-value"]]) })
  found <- quiet(each(trials, fit))
  say(seconds = found$seconds, fits = unname(found$fits))
} else if (job == "pooled-lmer" || job == "pooled-tight" || job == "pooled-lmerTest" || job == "pooled-lme") {
  d <- read()
  d <- d[!is.na(d$value), ]
  d$treat <- as.numeric(d$condition == "on")
  f <- value ~ treat + log(session) + (1 + treat | participant) + (1 | participant:period)
  fit <- switch(job,
    "pooled-lmer" = function() lme4::lmer(f, d),
    "pooled-tight" = function() lme4::lmer(f, d, control = lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))),
    "pooled-lmerTest" = function() summary(lmerTest::lmer(f, d)),
    "pooled-lme" = function() { d$pp <- factor(d$period)
      nlme::lme(value ~ treat + log(session), random = list(participant = ~ 1 + treat, pp = ~ 1), data = d, control = nlme::lmeControl(opt = "optim", maxIter = 200, msMaxIter = 500, returnObject = TRUE)) })
  took <- quiet(clock(fit))
  m <- took$result
  if (job == "pooled-tight") {
    v <- as.data.frame(lme4::VarCorr(m))
    say(seconds = took$seconds, estimate = lme4::fixef(m)[["treat"]], se = sqrt(as.matrix(vcov(m))["treat", "treat"]), deviance = lme4::REMLcrit(m),
        tau = v$sdcor[v$grp == "participant" & v$var1 %in% "treat" & is.na(v$var2)],
        period_sd = v$sdcor[v$grp == "participant:period"], day_sd = sigma(m))
  } else say(seconds = took$seconds)
} else if (job == "product") {                            # what a skilled R user does: one shared matrix of signs
  d <- as.matrix(read()); m <- 2000L; n_days <- nrow(d)
  signs <- replicate(m, sample(rep(c(1, -1), length.out = n_days))) / (n_days / 2)
  took <- clock(function() { s <- abs(crossprod(signs, d)); colSums(s >= rep(abs(s[1, ]), each = m)) })
  say(seconds = took$seconds / ncol(d) * 9999 / m)
} else if (job == "coin") {
  d <- read(); d$condition <- factor(d$condition)
  took <- clock(function() for (i in seq_len(n)) coin::pvalue(coin::oneway_test(value ~ condition, d, distribution = coin::approximate(nresample = 10000))))
  say(seconds = took$seconds / n)
} else if (job == "expand") {                             # all 2^16 signs, then one product
  d <- read()$difference
  one <- function() { s <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d)))) %*% d; mean(abs(s) >= abs(sum(d)) - 1e-9) }
  one(); took <- clock(one)
  say(seconds = took$seconds, p = took$result)
} else if (job == "rejection") {                          # shuffles until no run is longer than three
  one <- function() repeat { x <- sample(rep(0:1, 42)); if (max(rle(x)$lengths) <= 3) return(x) }
  set.seed(1); one(); took <- clock(function() for (i in seq_len(n)) one())
  say(seconds = took$seconds / n)
} else stop("no such job: ", job)
