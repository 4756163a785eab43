# Reference counts for the randomization tests: every sequence that a design could have drawn is written down and the
# statistic computed for it, by R's own functions and loops. Beside them what base R knows of families of p-values,
# rank statistics and residuals.
# Run by `make reference`; writes randomization.json beside this file. Packages: nlme, jsonlite.
suppressPackageStartupMessages({ library(nlme); library(jsonlite) })
options(digits = 15)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

# ---- all sequences of a design, one a row ------------------------------------------------------------------
permutations <- function(x) {
  if (length(x) == 1) return(matrix(x, 1))
  unique(do.call(rbind, lapply(seq_along(x), function(i) cbind(x[i], permutations(x[-i])))))
}
all_blocks <- function(n_blocks, codes) {
  one <- permutations(codes)
  picks <- as.matrix(expand.grid(rep(list(seq_len(nrow(one))), n_blocks)))
  t(apply(picks, 1, function(rows) as.vector(t(one[rows, ]))))
}
all_balanced <- function(n, codes, longest = n) {
  on <- combn(n, n / 2)
  every <- t(apply(on, 2, function(at) ifelse(seq_len(n) %in% at, codes[1], codes[2])))
  every[apply(every, 1, function(s) max(rle(s)$lengths) <= longest), ]
}

# ---- data ----------------------------------------------------------------------------------------------------
frame_of <- function(sequence, days, per_block, effect = 0, sp = 0.4, rho = 0) {
  days <- rep(days, length.out = length(sequence))
  period <- rep(seq_along(sequence), days); n <- length(period)
  e <- if (rho == 0) rnorm(n) else as.vector(arima.sim(list(ar = rho), n, sd = sqrt(1 - rho^2)))
  shift <- if (length(effect) == 1) effect * (sequence[period] == "on") else effect[sequence[period]]
  d <- data.frame(session = seq_len(n), day = seq_len(n), period = period, condition = sequence[period],
                  value = 5 + 0.4 * log(seq_len(n)) + rnorm(length(sequence), 0, sp)[period] + e + shift)
  if (per_block > 0) d$block <- (d$period - 1) %/% per_block + 1
  rownames(d) <- NULL
  d
}
lose <- function(d, share) { d$value[runif(nrow(d)) < share] <- NA; d }
lose_period <- function(d, period) { d$value[d$period == period] <- NA; d }
sequence_of <- function(d) d$condition[!duplicated(d$period)]

# ---- statistics: what each period adds, then the contrast of means under a sequence ---------------------------
left <- function(d, trend) {
  use <- d[!is.na(d$value), ]
  r <- if (trend == "log") resid(lm(value ~ log(session), use)) else use$value - mean(use$value)
  m <- tapply(r, use$period, mean)
  effect <- rep(0, max(d$period)); effect[as.integer(names(m))] <- m - mean(m)
  effect
}
contrast <- function(every, effect, weights) {
  apply(every, 1, function(s) sum(sapply(names(weights), function(c) weights[[c]] * sum(effect[s == c]) / sum(s == c))))
}
count <- function(all, own) {
  list(n_as_extreme = sum(abs(all) >= abs(own) - 1e-9 * max(abs(all), abs(own))), n_sequences = length(all))
}
plain <- function(d, every, weights, trend) {
  effect <- left(d, trend)
  own <- contrast(matrix(sequence_of(d), 1), effect, weights)
  c(list(statistic = own), count(contrast(every, effect, weights), own))
}
squares <- function(d, every, trend) {
  effect <- left(d, trend)
  of <- function(s) sum(sapply(unique(s), function(c) sum(effect[s == c])^2 / sum(s == c)))
  own <- of(sequence_of(d))
  c(list(statistic = own), count(apply(every, 1, of), own))
}
reversal <- function(d, weights) {
  m <- tapply(d$value, list(d$block, d$condition), mean, na.rm = TRUE)[, names(weights)]
  b <- as.vector(m %*% unlist(weights)); b <- b[is.finite(b)]
  signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(unique(d$block)))))[, seq_along(b)]
  count(as.vector(signs %*% b), sum(b))
}
prewhitened <- function(d, every) {
  use <- d[!is.na(d$value), ]
  fit <- gls(value ~ log(session), use, correlation = corAR1(0.2, form = ~day), method = "REML",
             control = glsControl(msTol = 1e-13, tolerance = 1e-13))
  rho <- unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
  ki <- solve(rho^abs(outer(use$day, use$day, "-"))); x <- cbind(1, log(use$session))
  m <- ki - ki %*% x %*% solve(t(x) %*% ki %*% x) %*% t(x) %*% ki
  of <- function(s) { z <- ifelse(s[use$period] == "on", 1, -1); sum(z * (m %*% use$value)) / sqrt(sum(z * (m %*% z))) }
  own <- of(sequence_of(d))
  c(list(rho = rho, statistic = own), count(apply(every, 1, of), own))
}

set.seed(31415)
pairs <- function(n) as.vector(replicate(n, sample(c("on", "off"))))
triples <- function(n) as.vector(replicate(n, sample(c("high", "low", "none"))))
on_off <- list(on = 1, off = -1)
cases <- list(); add <- function(name, kind, d, ...) cases[[length(cases) + 1]] <<- c(list(name = name, kind = kind, frame = d), list(...))

six <- lose(frame_of(pairs(6), 5, 2, 0.8), 0.15)
add("six blocks of two, days missing", "blocks", six, n_blocks = 6, codes = c("on", "off"), contrast = on_off, trend = "log",
    result = plain(six, all_blocks(6, c("on", "off")), on_off, "log"))
seven <- lose_period(lose(frame_of(pairs(7), 4, 2, 1), 0.2), 5)
add("seven blocks of two, a period lost", "blocks", seven, n_blocks = 7, codes = c("on", "off"), contrast = on_off,
    trend = "log", result = plain(seven, all_blocks(7, c("on", "off")), on_off, "log"))
fours <- frame_of(as.vector(replicate(3, sample(rep(c("on", "off"), 2)))), 2, 4, 0.7)
add("three blocks of four", "blocks", fours, n_blocks = 3, codes = c("on", "off"), per_block = 2, contrast = on_off,
    trend = "none", result = plain(fours, all_blocks(3, c("on", "on", "off", "off")), on_off, "none"))
ten <- lose(frame_of(sample(rep(c("on", "off"), 5)), 3, 0, 0.6), 0.1)
add("ten periods, balanced", "balanced", ten, n_periods = 10, max_run = NULL, contrast = on_off, trend = "log",
    result = plain(ten, all_balanced(10, c("on", "off")), on_off, "log"))
run2 <- frame_of(c("on", "on", "off", "on", "off", "off", "on", "off", "on", "on", "off", "off"), 3, 0, 0.5)
add("twelve periods, longest run two", "balanced", run2, n_periods = 12, max_run = 2, contrast = on_off, trend = "log",
    result = plain(run2, all_balanced(12, c("on", "off"), 2), on_off, "log"))
doses <- lose(frame_of(triples(5), c(3, 4, 5), 3, c(high = 0.8, low = 2, none = 0)), 0.1)
every <- all_blocks(5, c("high", "low", "none"))
stays <- every[apply(every, 1, function(s) all((s == "low") == (sequence_of(doses) == "low"))), ]
high_none <- list(high = 1, none = -1)
add("three conditions, the third in place", "blocks", doses, n_blocks = 5, codes = c("high", "low", "none"),
    contrast = high_none, trend = "log", result = plain(doses, stays, high_none, "log"))
four <- frame_of(triples(4), 3, 3, c(high = 1, low = 0.5, none = 0)); every <- all_blocks(4, c("high", "low", "none"))
add("three conditions, all of them move", "blocks", four, n_blocks = 4, codes = c("high", "low", "none"), permute = "all",
    contrast = high_none, trend = "log", result = plain(four, every, high_none, "log"))
add("three conditions, sum of squares", "blocks", four, n_blocks = 4, codes = c("high", "low", "none"), permute = "all",
    statistic = "squares", contrast = high_none, trend = "log", result = squares(four, every, "log"))
linear <- list(d0 = -3, d1 = -1, d2 = 1, d3 = 3)
rising <- lose_period(frame_of(as.vector(replicate(6, sample(names(linear)))), 3, 4, c(d0 = 0, d1 = 1, d2 = 1, d3 = 1.4)), 9)
add("four doses, a trend reversed", "blocks", rising, n_blocks = 6, codes = names(linear), permute = "reversal",
    contrast = linear, trend = "log", result = reversal(rising, linear))
daily <- lose(frame_of(sample(rep(c("on", "off"), 6)), 1, 0, 1, 0, 0.5), 0.1)
add("twelve days, prewhitened", "balanced", daily, n_periods = 12, max_run = NULL, statistic = "prewhitened", contrast = on_off,
    trend = "log", result = prewhitened(daily, all_balanced(12, c("on", "off"))))

# ---- closed test of two doses against one reference ------------------------------------------------------------
closed <- local({
  effect <- left(four, "log"); drawn <- sequence_of(four)
  largest <- function(s, doses) max(sapply(doses, function(c) abs(mean(effect[s == c]) - mean(effect[s == "none"]))))
  of <- function(doses) {
    held <- every[apply(every, 1, function(s) all(ifelse(drawn %in% c(doses, "none"), TRUE, s == drawn))), , drop = FALSE]
    held <- held[apply(held, 1, function(s) all((s %in% c(doses, "none")) == (drawn %in% c(doses, "none")))), , drop = FALSE]
    count(apply(held, 1, largest, doses), largest(drawn, doses))
  }
  list(frame = four, n_blocks = 4, codes = c("high", "low", "none"),
       high = of("high"), low = of("low"), both = of(c("high", "low")))
})

# ---- several outcomes by the same sequences ---------------------------------------------------------------------
sequence <- pairs(6); every <- all_blocks(6, c("on", "off"))
outcomes <- list(a = lose(frame_of(sequence, 5, 2, 1), 0.1), b = frame_of(sequence, 5, 2, 0.3),
                 c = lose_period(frame_of(sequence, 5, 2, -0.5), 3))
sizes <- lapply(outcomes, function(d) {
  effect <- left(d, "log"); all <- abs(contrast(every, effect, on_off)); spread <- sqrt(mean(all^2))
  list(all = all / spread, own = abs(contrast(matrix(sequence, 1), effect, on_off)) / spread)
})
largest <- do.call(pmax, lapply(sizes, `[[`, "all"))
max_t <- list(frames = outcomes, n_blocks = 6, counts = lapply(sizes, function(x) count(largest, x$own)))

# ---- counts, yes and no, ratings --------------------------------------------------------------------------------
sequence <- pairs(6)
few <- frame_of(sequence, 5, 2); few$value <- as.numeric(rpois(nrow(few), ifelse(few$condition == "on", 1.6, 0.7)))
few <- lose(few, 0.15)
periods <- split(few$value[!is.na(few$value)], few$period[!is.na(few$value)])
superiority <- function(s) mean(sapply(which(s == "on"), function(i) sapply(which(s == "off"), function(j)
  wilcox.test(periods[[i]], periods[[j]], exact = FALSE, correct = FALSE)$statistic / length(periods[[i]]) / length(periods[[j]]))))
above <- transform(few, value = as.numeric(value > 0))
# The ends of the interval are means of subsets of the block differences (equal numbers of periods, no trend).
subset_means <- function(d, level) {
  m <- tapply(d$value, list(d$block, d$condition), mean, na.rm = TRUE); x <- m[, "on"] - m[, "off"]
  picks <- as.matrix(expand.grid(rep(list(0:1), length(x))))[-1, ]
  means <- sort(as.vector(picks %*% x) / rowSums(picks)); k <- floor((1 - level) * 2^length(x) / 2)
  c(means[k], means[2^length(x) - k])
}
discrete <- list(frame = few, n_blocks = 6, mean = plain(few, every, on_off, "none"),
                 share = plain(above, every, on_off, "none"),
                 superiority = local({ all <- apply(every, 1, superiority)
                   c(list(value = superiority(sequence)), count(all - 0.5, superiority(sequence) - 0.5)) }),
                 mean_interval = subset_means(few, 0.95), share_interval = subset_means(above, 0.95))
long <- frame_of(pairs(8), 4, 2, 0.7)
interval <- list(frame = long, n_blocks = 8, ends = subset_means(long, 0.95))

# ---- what base R has of its own ---------------------------------------------------------------------------------
p <- c(0.011, 0.24, 0.049, 0.003, 0.049, 0.8)
x <- as.vector(arima.sim(list(ar = 0.4), 40)); first <- c(3, 1, 4, 1, 5, 9, 2, 6); second <- c(2, 7, 1, 8, 2, 8)
base <- list(p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH"), series = x,
             ljung_box = lapply(c(1, 3, 7), function(k) { b <- Box.test(x, k, "Ljung-Box")
               list(lags = k, statistic = unname(b$statistic), p_value = b$p.value) }),
             quantiles = cor(sort(x), qnorm(seq_along(x) / (length(x) + 1))), first = first, second = second,
             nap = unname(wilcox.test(first, second, exact = FALSE)$statistic) / length(first) / length(second))

write_json(list(R = R.version.string, session_info = capture.output(sessionInfo()), tests = cases, closed = closed,
                max_t = max_t, discrete = discrete, interval = interval, base = base),
           file.path(here, "randomization.json"), digits = 15, auto_unbox = TRUE, na = "null", dataframe = "columns", null = "null")
