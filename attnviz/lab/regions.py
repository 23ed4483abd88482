"""A picture as values: regions, a weight for each, and the picture that their weighted sum paints."""

import numpy as np

from attnviz.errors import InputError


def cut(picture: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Cut a picture into regions, row by row; regions differ by a pixel where it cannot be cut evenly.

    Shape   picture (height, width, channel); result (region, height, width, channel), each region in its place and
            zeros around it, so that regions add up to the picture.
    Raises  InputError  when there are more rows or columns than pixels.
    """
    height, width = picture.shape[:2]
    if not (0 < rows <= height and 0 < cols <= width):
        raise InputError(
            "A picture of {height} × {width} pixels cannot be cut into {rows} × {cols} regions. Choose 1 to {height} "
            "rows and 1 to {width} columns.",
            height=height,
            width=width,
            rows=rows,
            cols=cols,
        )
    top, left = (np.linspace(0, side, count + 1).astype(int) for side, count in ((height, rows), (width, cols)))
    regions = np.zeros((rows * cols, *picture.shape), np.float64)
    for row in range(rows):
        for col in range(cols):
            place = slice(top[row], top[row + 1]), slice(left[col], left[col + 1])
            regions[row * cols + col][place] = picture[place]
    return regions


def recomposed(regions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Put weighted regions back together, as bright as the strongest allows.

    Shape   regions (region, height, width, channel), weights (region,); result (height, width, channel).
    Unit    that of the regions: a region of the largest weight is as it was, one of half of it half as bright.
    Raises  InputError  unless each region has a weight, none is negative and one is above 0.
    """
    if weights.shape != (len(regions),) or (weights < 0).any() or not weights.max(initial=0) > 0:
        raise InputError(
            "{regions} regions need {regions} weights of at least 0, and one above it; {weights} were given.",
            regions=len(regions),
            weights=weights.size,
        )
    return np.tensordot(weights / weights.max(), regions, axes=1)
