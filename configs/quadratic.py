def cost(w):
    """J(w) = w^2 - 10w + 25 = (w - 5)^2."""
    return w**2 - 10 * w + 25
