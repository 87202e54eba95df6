"""Shapes of JSON documents, in the tests' own words.

A shape is a type, a set of the values that may stand there, a list with the shape of each element, a dictionary with
the shape of each member (a key that ends in ? may be missing, the key * stands for any other), or a function that says
whether a value will do.
"""


def check(value, shape, where=""):
    """Raises AssertionError with the place of what doesn't fit."""
    problem = _problem(value, shape, where or "the document")
    if problem:
        raise AssertionError(problem)


def _problem(value, shape, where):
    if isinstance(shape, dict):
        return _object(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is {value!r}, not an array"
        return next(filter(None, (_problem(element, shape[0], f"{where}/{at}") for at, element in enumerate(value))), "")
    if isinstance(shape, (set, frozenset)):
        return "" if isinstance(value, str) and value in shape else f"{where} is {value!r}, none of {sorted(shape)}"
    if isinstance(shape, type):
        # True is an int to Python, and not to JSON.
        fits = isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
        return "" if fits else f"{where} is {value!r}, no {shape.__name__}"
    return "" if shape(value) else f"{where} is {value!r}: {shape.__doc__ or shape.__name__}"


def _object(value, shape, where):
    if not isinstance(value, dict):
        return f"{where} is {value!r}, not an object"
    known = {key.rstrip("?") for key in shape}
    for key, inner in shape.items():
        name = key.rstrip("?")
        if key == "*":
            for other in value.keys() - known:
                problem = _problem(value[other], inner, f"{where}/{other}")
                if problem:
                    return problem
        elif name in value:
            problem = _problem(value[name], inner, f"{where}/{name}")
            if problem:
                return problem
        elif not key.endswith("?"):
            return f"{where} has no {name}"
    unknown = value.keys() - known if "*" not in shape else ()
    return f"{where} has {', '.join(sorted(unknown))}, which nobody knows" if unknown else ""


def sorted_without_doubles(value):
    """an array of different strings, in order"""
    return isinstance(value, list) and all(isinstance(text, str) for text in value) and value == sorted(set(value))


def distinct(value):
    """an array of different strings"""
    return isinstance(value, list) and all(isinstance(text, str) for text in value) and len(value) == len(set(value))
