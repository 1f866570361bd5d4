import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.sampling import gaussian_process
from hpsearch.sampling.factor import JITTER, MOST_DOUBT, bounded
from hpsearch.sampling.gaussian_process import GaussianProcess, map_estimate, standardised
from hpsearch.sampling.kernel import Kernel, KernelHyperparameters


def data(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points whose last dimension is a choice of three, and losses."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    X[:, -1] = (np.floor(X[:, -1] * 3) + 0.5) / 3
    z = np.sin(5 * X[:, 0]) + (X[:, -1] > 0.4) + 0.1 * rng.standard_normal(n)
    return X, standardised(z), np.arange(d) == d - 1


NO_CHOICES = np.zeros(1, dtype=bool)
NOBODY = np.empty((0, 1))


def process(
    hyperparameters: KernelHyperparameters,
    X: np.ndarray,
    z: np.ndarray,
    pending: np.ndarray,
    choices: np.ndarray,
    *,
    doubt: np.ndarray | None = None,
) -> GaussianProcess:
    return GaussianProcess(Kernel(hyperparameters, choices), X, z, pending, doubt=doubt)


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    likelihood = gaussian_process._MarginalLikelihood(*data(12, 4))
    rng = np.random.default_rng(1)
    theta = np.append(rng.uniform(-1, 1, 4), [-2.0, -1.0])
    direction = rng.standard_normal(6)
    step = 1e-5
    ahead, _ = likelihood(theta + step * direction)
    behind, _ = likelihood(theta - step * direction)
    _, slope = likelihood(theta)
    assert (ahead - behind) / (2 * step) == pytest.approx(float(slope @ direction), rel=1e-6)


def test_the_likelihood_of_two_points_worked_by_hand() -> None:
    # Length scales so short that the points have nothing in common but the trend: with v = 1/3,
    # K is (1 + noise) times the identity, plus 12/3 (±½)(±½) = ±1.
    X, z = np.array([[0.0], [1.0]]), np.array([2.0, -1.0])
    theta = np.log([1e-3, 0.5, 1 / 3])
    loss, _ = gaussian_process._MarginalLikelihood(X, z, NO_CHOICES)(theta)
    own = 2.5 + JITTER
    determinant = own**2 - 1
    by_inverse = (own * 4 + own * 1 - 2 * (-1) * 2 * -1) / determinant
    assert loss == pytest.approx(0.5 * by_inverse + 0.5 * math.log(determinant))


def test_a_fit_without_noise_goes_through_its_points() -> None:
    X = np.linspace(0, 1, 6)[:, None]
    z = np.cos(4 * X[:, 0])
    fit = process(KernelHyperparameters(np.array([0.4]), 1e-9), X, z, NOBODY, NO_CHOICES)
    mean, deviation = fit.predict(X)
    assert mean == pytest.approx(z, abs=1e-4)
    assert (deviation < 2e-3).all()
    between, unsure = fit.predict(np.array([[0.5]]))
    assert between[0] == pytest.approx(math.cos(2), abs=0.01)
    assert unsure[0] > deviation.max()


def test_far_from_all_results_the_fit_knows_nothing() -> None:
    fit = process(
        KernelHyperparameters(np.array([0.01]), 0.1),
        np.array([[0.0]]),
        np.array([-3.0]),
        NOBODY,
        NO_CHOICES,
    )
    mean, deviation = fit.predict(np.array([[1.0]]))
    assert mean[0] == pytest.approx(0.0, abs=1e-12)
    assert deviation[0] == pytest.approx(1.0)


def test_one_point_worked_by_hand() -> None:
    # k(r) at r = 1 is (1 + √5 + 5/3) exp(-√5); the mean is k z / (1 + noise).
    fit = process(
        KernelHyperparameters(np.array([0.5]), 0.25),
        np.array([[0.0]]),
        np.array([2.0]),
        NOBODY,
        NO_CHOICES,
    )
    k = (1 + math.sqrt(5) + 5 / 3) * math.exp(-math.sqrt(5))
    mean, deviation = fit.predict(np.array([[0.5]]))
    assert mean[0] == pytest.approx(k * 2 / 1.25, rel=1e-5)
    assert deviation[0] == pytest.approx(math.sqrt(1 - k * k / 1.25), rel=1e-5)


def test_a_choice_is_the_same_or_another() -> None:
    cells = np.array([[1 / 6], [0.5], [5 / 6]])
    fit = process(
        KernelHyperparameters(np.array([1.0]), 0.1),
        cells[:1],
        np.array([-1.0]),
        NOBODY,
        np.array([True]),
    )
    mean, _ = fit.predict(cells)
    assert mean[1] == mean[2] > mean[0]


def test_running_trials_make_the_fit_surer_and_change_nothing_else() -> None:
    X, z, choices = data(20, 3)
    hyperparameters = KernelHyperparameters(np.array([0.3, 0.5, 1.0]), 0.05)
    pending = np.array([[0.4, 0.4, 0.5], [0.6, 0.2, 0.5]])
    without = process(hyperparameters, X, z, pending[:0], choices)
    with_them = process(hyperparameters, X, z, pending, choices)
    points = np.concatenate([pending, np.random.default_rng(3).random((30, 3))])
    means, deviations = without.predict(points)
    new_means, new_deviations = with_them.predict(points)
    assert new_means == pytest.approx(means, abs=1e-10)
    assert (new_deviations <= deviations + 1e-12).all()
    assert (new_deviations[:2] < 0.9 * deviations[:2]).all()


def test_expected_improvement_is_the_mean_improvement_over_the_best() -> None:
    X, z, choices = data(15, 2)
    fit = process(KernelHyperparameters(np.array([0.3, 1.0]), 0.05), X, z, X[:0], choices)
    points = np.random.default_rng(2).random((5, 2))
    means, deviations = fit.predict(points)
    draws = np.linspace(-8, 8, 200_001)
    density = np.exp(-0.5 * draws**2) / math.sqrt(2 * math.pi) * (draws[1] - draws[0])
    for mean, deviation, expected_improvement in zip(
        means, deviations, fit.expected_improvement(points), strict=True
    ):
        improvement = np.maximum(fit.best - (mean + deviation * draws), 0)
        news = 1 - 0.05 * math.sqrt(0.05 / (0.05 + deviation**2))
        expected = news * float(improvement @ density)
        assert expected_improvement == pytest.approx(expected, abs=2e-6)


def test_among_results_that_are_mostly_noise_a_repeat_is_worth_less() -> None:
    """Ten results at one place, with noise as large as the signal: the variance left is 1/11."""
    X, z = np.full((10, 1), 0.3), np.full(10, -1.0)
    fit = process(KernelHyperparameters(np.array([0.05]), 1.0), X, z, X[:0], NO_CHOICES)
    points = np.array([[0.3], [0.9]])
    means, deviations = fit.predict(points)
    assert deviations**2 == pytest.approx([1 / 11, 1], rel=1e-3)
    gains = [NormalDist(mean, sd) for mean, sd in zip(means, deviations, strict=True)]
    plain = [(fit.best - g.mean) * g.cdf(fit.best) + g.variance * g.pdf(fit.best) for g in gains]
    # 1 - √(1 / (1 + 1/11)) = 0.0426 where results are, 1 - √(1 / 2) = 0.2929 where none is
    share = fit.expected_improvement(points) / plain
    assert share == pytest.approx([0.0426, 0.2929], abs=1e-3)


def test_hopeless_points_are_ranked_below_all_others() -> None:
    X = np.linspace(0, 1, 12)[:, None]
    z = standardised(X[:, 0] ** 2)
    fit = process(KernelHyperparameters(np.array([0.5]), 1e-5), X, z, NOBODY, NO_CHOICES)
    expected_improvement = fit.expected_improvement(np.array([[0.0], [0.5], [0.8]]))
    assert expected_improvement[0] > expected_improvement[1] > expected_improvement[2]
    assert expected_improvement[2] < 0


def test_the_map_estimate_tells_what_matters_from_what_does_not() -> None:
    rng = np.random.default_rng(5)
    X = rng.random((60, 3))
    z = standardised(np.sin(6 * X[:, 1]))
    hyperparameters = map_estimate(X, z, np.zeros(3, dtype=bool))
    assert (
        hyperparameters.length_scales[1]
        < 0.7
        < min(hyperparameters.length_scales[0], hyperparameters.length_scales[2])
    )
    assert hyperparameters.noise < 0.02


def test_results_that_say_nothing_leave_the_lengths_where_the_prior_has_them() -> None:
    # One point: its likelihood is the same for all lengths. 0.45 in four dimensions, where two
    # random numbers are 1/√6 = 0.41 apart (root mean square); choices 1 apart, so twice.
    hyperparameters = map_estimate(
        np.full((1, 4), 0.5), np.zeros(1), np.array([True, False, False, True])
    )
    assert hyperparameters.length_scales == pytest.approx([0.9, 0.45, 0.45, 0.9])
    wide = map_estimate(np.full((1, 16), 0.5), np.zeros(1), np.arange(16) == 0)
    assert wide.length_scales == pytest.approx(
        [1.8] + [0.9] * 15
    )  # twice as far in 4 times as many


def test_the_map_estimate_tells_noise_from_signal() -> None:
    rng = np.random.default_rng(6)
    X = rng.random((80, 2))
    noise = standardised(rng.standard_normal(80))
    assert map_estimate(X, noise, np.zeros(2, dtype=bool)).noise > 0.3


@given(st.integers(3, 20), st.integers(0, 1000), st.booleans())
@settings(max_examples=40)
def test_any_results_can_be_fitted(n: int, seed: int, twice: bool) -> None:
    X, z, choices = data(n, 3, seed)
    if twice:  # the same points again, with other results
        X, z = np.concatenate([X, X]), np.concatenate([z, -z])
    hyperparameters = map_estimate(X, z, choices)
    assert np.isfinite(hyperparameters.length_scales).all()
    expected_improvement = process(hyperparameters, X, z, X[:1], choices).expected_improvement(X)
    assert np.isfinite(expected_improvement).all()


def test_beyond_the_results_the_trend_goes_on() -> None:
    X = np.linspace(0.3, 0.7, 9)[:, None]
    z = standardised(X[:, 0])
    ends = np.array([[0.0], [1.0]])
    without = process(KernelHyperparameters(np.array([0.1]), 1e-3), X, z, NOBODY, NO_CHOICES)
    with_it = process(KernelHyperparameters(np.array([0.1]), 1e-3, 1.0), X, z, NOBODY, NO_CHOICES)
    assert without.predict(ends)[0] == pytest.approx([0, 0], abs=0.05)
    low, high = with_it.predict(ends)[0]
    assert low < z.min()
    assert high > z.max()


def test_the_trend_is_estimated_where_there_is_one() -> None:
    rng = np.random.default_rng(3)
    X = rng.random((40, 4))
    slope, bowl = X.sum(axis=1), ((X - 0.5) ** 2).sum(axis=1)
    none = np.zeros(4, dtype=bool)
    assert map_estimate(X, standardised(slope), none).trend > 0.1
    assert map_estimate(X, standardised(bowl), none).trend < 0.02


@given(st.integers(1, 300), st.integers(0, 1000))
@settings(max_examples=30)
def test_points_are_ranked_by_expected_improvement(count: int, seed: int) -> None:
    X, z, choices = data(30, 3, seed)
    hyperparameters = KernelHyperparameters(np.array([0.3, 0.5, 0.9]), 0.05, 0.1)
    fit = process(hyperparameters, X, z, X[:2], choices)
    points = data(count, 3, seed + 1)[0]
    ranked = list(fit.ranked(points))
    assert sorted(ranked) == list(range(count))
    improvement = fit.expected_improvement(points)[ranked]
    assert (np.diff(improvement) <= 1e-12).all()


def test_the_variance_of_few_points_is_computed_to_find_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, z, choices = data(100, 3)
    hyperparameters = KernelHyperparameters(np.array([0.3, 0.5, 0.9]), 0.05, 0.1)
    fit = process(hyperparameters, X, z, X[:2], choices)
    points = data(400, 3, 1)[0]
    best = fit.expected_improvement(points).argmax()
    counts: list[int] = []
    deviation = GaussianProcess._deviation

    def counted(self: GaussianProcess, K: np.ndarray, prior: np.ndarray) -> np.ndarray:
        counts.append(len(K))
        return deviation(self, K, prior)

    monkeypatch.setattr(GaussianProcess, "_deviation", counted)
    assert next(fit.ranked(points)) == best
    assert sum(counts) < 200


def test_normal_distribution() -> None:
    x = np.linspace(-6, 6, 101)
    exact = [0.5 * math.erfc(-v / math.sqrt(2)) for v in x]
    assert gaussian_process.normal_cdf(x) == pytest.approx(exact, abs=1.5e-7)


def test_standardised() -> None:
    assert standardised(np.array([1.0, 3.0])).tolist() == [-1.0, 1.0]
    assert standardised(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]


def test_doubt_weighs_less_what_may_err_and_keeps_those_that_err_alike_from_agreeing() -> None:
    # Three results of 1 close together: forecasts whose errors are one and the same.
    X = np.array([[0.30], [0.31], [0.32], [0.9]])
    z = np.array([1.0, 1.0, 1.0, -1.0])
    hyperparameters = KernelHyperparameters(np.array([0.2]), 0.01)
    alike, apart = np.zeros((4, 4)), np.zeros((4, 4))
    alike[:3, :3] = 1.0
    apart[:3, :3] = np.eye(3)

    def at(doubt: np.ndarray | None) -> float:
        fit = process(hyperparameters, X, z, NOBODY, NO_CHOICES, doubt=doubt)
        return float(fit.predict(X[1:2])[0][0])

    # With variance 1 for the signal and 1 for the error, half is believed of one; of three
    # independent ones 3/4.
    assert at(None) == pytest.approx(1.0, abs=0.03)
    assert at(alike) == pytest.approx(0.5, abs=0.03)
    assert at(apart) == pytest.approx(0.75, abs=0.03)
    assert at(np.zeros((4, 4))) == at(None)


def test_doubt_is_no_noise_to_the_estimate() -> None:
    # Every second result is off by about 1; whoever knows which finds the others smooth.
    rng = np.random.default_rng(3)
    X = np.linspace(0, 1, 40)[:, None]
    z = np.sin(6 * X[:, 0])
    z[::2] += rng.standard_normal(20)
    doubt = np.diag(np.tile([1.0, 0.0], 20))
    assert map_estimate(X, z, NO_CHOICES, doubt).noise < 0.05
    assert map_estimate(X, z, NO_CHOICES).noise > 0.15


def test_variances_beyond_the_bound_are_brought_down_with_their_correlations() -> None:
    C = np.array([[1.0, 50.0], [50.0, 10_000.0]])
    down = bounded(C)
    assert np.diag(down) == pytest.approx([1.0, MOST_DOUBT])
    assert down[0, 1] / math.sqrt(down[0, 0] * down[1, 1]) == pytest.approx(0.5)


def test_a_clipped_normal_has_the_moments_of_a_sample() -> None:
    mean, deviation = np.array([-3.0, -0.5, 0.0, 0.7, 2.0]), np.array([1.0, 0.5, 1.0, 2.0, 1.0])
    found, C = gaussian_process.clipped_normal(mean, np.diag(deviation**2), 0.0)
    sample = np.random.default_rng(4).standard_normal((200_000, 1)) * deviation + mean
    clipped = np.minimum(sample, 0.0)
    assert found == pytest.approx(clipped.mean(axis=0), abs=0.01)
    assert np.sqrt(np.diag(C)) == pytest.approx(clipped.std(axis=0), abs=0.01)


def test_what_is_far_from_the_ceiling_is_left_or_known() -> None:
    C = np.array([[1.0, 0.5], [0.5, 1.0]])
    below, as_it_was = gaussian_process.clipped_normal(np.array([-50.0, -1e9]), C, 0.0)
    assert below.tolist() == [-50.0, -1e9]
    assert as_it_was.tolist() == C.tolist()
    above, nothing = gaussian_process.clipped_normal(np.array([50.0, 1e9]), C, 0.0)
    assert above == pytest.approx([0.0, 0.0], abs=1e-6)
    assert np.diag(nothing) == pytest.approx([0.0, 0.0], abs=1e-6)
