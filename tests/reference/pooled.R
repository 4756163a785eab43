# Reference values for pooled trials: lmer with an effect of the condition for each participant and an intercept for each
# of their periods; Kenward and Roger by pbkrtest. Run by `make reference`; writes pooled.json beside this file.
# Packages: lme4, pbkrtest, jsonlite.
suppressPackageStartupMessages({ library(lme4); library(pbkrtest); library(jsonlite) })
options(digits = 15)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

people <- function(n, blocks, days, tau, effect = 0.5, lost = 0, period_sd = 0.4, ragged = FALSE) {
  do.call(rbind, lapply(seq_len(n), function(i) {
    mine <- if (ragged) sample(2:blocks, 1) else blocks
    condition <- as.vector(replicate(mine, sample(c("on", "off"))))
    d <- data.frame(participant = sprintf("p%02d", i), period = rep(seq_along(condition), each = days),
                    condition = rep(condition, each = days))
    d$session <- d$day <- seq_len(nrow(d))
    own <- rnorm(length(condition), 0, period_sd)
    d$value <- 5 + rnorm(1) + 0.3 * log(d$session) + own[d$period] + (effect + rnorm(1, 0, tau)) * (d$condition == "on") +
      rnorm(nrow(d))
    d$value[runif(nrow(d)) < lost] <- NA
    d$value <- round(d$value, 6)
    d
  }))
}

fit <- function(name, d) {
  d$treat <- as.numeric(d$condition == "on")
  control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), check.conv.singular = "ignore")
  m <- lmer(value ~ treat + log(session) + (1 + treat | participant) + (1 | participant:period), d, control = control)
  v <- as.data.frame(VarCorr(m))
  pick <- function(grp, one) v$sdcor[v$grp == grp & is.na(v$var2) & (is.na(v$var1) | v$var1 == one)]
  kr <- vcovAdj(m)
  l <- c(0, 1, 0)
  list(name = name, frame = as.list(d[c("participant", "session", "day", "period", "condition", "value")]),
       estimate = unname(fixef(m)["treat"]), plain_se = sqrt(vcov(m)["treat", "treat"]),
       se = sqrt(as.matrix(kr)[2, 2]), df = get_Lb_ddf(m, l), tau = pick("participant", "treat"),
       period_sd = pick("participant:period", "(Intercept)"), day_sd = sigma(m), deviance = REMLcrit(m),
       effects = unname(coef(m)$participant[, "treat"]))
}

set.seed(20261128)
cases <- list(
  fit("balanced", people(12, 4, 5, 0.6)),
  fit("missing days", people(10, 4, 6, 0.8, lost = 0.25)),
  fit("ragged", people(20, 6, 4, 0.5, lost = 0.1, ragged = TRUE)),
  fit("no period variance", people(14, 4, 5, 0.7, period_sd = 0)))
write(toJSON(list(R = R.version.string, session_info = capture.output(sessionInfo()), cases = cases), digits = 15, na = "null", auto_unbox = TRUE), file.path(here, "pooled.json"))
