"""The course's first TensorFlow program, J(w) = w² - 10w + 25, in the three forms that run today.

Only the cost is written down, and TensorFlow finds the gradients. Each function takes a step an
epoch, gives J and w after each, and ends at w = 5, where J is 0. The program of the course's
videos, with ``tf.Session`` and ``tf.train.GradientDescentOptimizer``, is the third form.
"""

from collections.abc import Iterator

COEFFICIENTS = (1.0, -10.0, 25.0)  # of w², w and 1


def tape(alpha: float, epochs: int) -> Iterator[dict[str, float]]:
    """By hand: a tape watches the cost, and w goes down its gradient."""
    import tensorflow as tf  # noqa: PLC0415 - a preview does without it

    w = tf.Variable(0.0)
    for _ in range(epochs):
        with tf.GradientTape() as watched:
            cost = w**2 - 10 * w + 25
        w.assign_sub(alpha * watched.gradient(cost, w))
        yield _seen(float(w))


def optimizer(alpha: float, epochs: int) -> Iterator[dict[str, float]]:
    """By an optimizer: it is given the gradients and applies them, here as Adam does."""
    import tensorflow as tf  # noqa: PLC0415 - a preview does without it

    w = tf.Variable(0.0)
    adam = tf.keras.optimizers.Adam(learning_rate=alpha)
    for _ in range(epochs):
        with tf.GradientTape() as watched:
            cost = w**2 - 10 * w + 25
        adam.apply([watched.gradient(cost, w)], [w])
        yield _seen(float(w))


def graph(alpha: float, epochs: int) -> Iterator[dict[str, float]]:
    """By a graph that is built once and run in a session; the coefficients are fed into it."""
    import tensorflow as tf  # noqa: PLC0415 - a preview does without it

    tf1 = tf.compat.v1
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [3, 1])
        w = tf1.get_variable("w", initializer=0.0, use_resource=True)
        cost = x[0][0] * w**2 + x[1][0] * w + x[2][0]
        train = tf1.train.GradientDescentOptimizer(alpha).minimize(cost)
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            for _ in range(epochs):
                session.run(train, feed_dict={x: [[c] for c in COEFFICIENTS]})
                yield _seen(float(session.run(w)))


def _seen(w: float) -> dict[str, float]:
    return {"J": (w - 5) ** 2, "w": w}
