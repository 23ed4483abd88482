"""A picture as values: regions, a weight for each, and the picture that their weighted sum paints."""

import numpy as np

from attnviz.errors import InputError


def edges(side: int, count: int) -> np.ndarray:
    """Say where the regions of one side begin, and where the last ends; they differ by a pixel where they must.

    Shape   (count + 1,)
    Unit    pixels
    """
    return np.linspace(0, side, count + 1).astype(int)


def cut(picture: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Cut a picture into regions, row by row.

    Shape   picture (height, width, channel); result (region, height, width, channel), each region in its place and
            zeros around it, so that regions add up to the picture.
    Raises  InputError  when there are more rows or columns than pixels.
    """
    top, left = _edges(picture, rows, cols)
    regions = np.zeros((rows * cols, *picture.shape), np.float64)
    for row in range(rows):
        for col in range(cols):
            place = slice(top[row], top[row + 1]), slice(left[col], left[col + 1])
            regions[row * cols + col][place] = picture[place]
    return regions


def means(picture: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Give the mean of each region.

    Shape   picture (height, width, channel); result (region, channel).
    Raises  InputError  when there are more rows or columns than pixels.
    """
    top, left = _edges(picture, rows, cols)
    sums = np.add.reduceat(np.add.reduceat(np.asarray(picture, np.float64), top[:-1], axis=0), left[:-1], axis=1)
    areas = np.outer(np.diff(top), np.diff(left))
    return (sums / areas[:, :, None]).reshape(rows * cols, -1)


def tiles(picture: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Cut out each region by itself; a pixel that only some of them have is left out.

    Shape   picture (height, width, channel); result (region, height, width, channel) of one region.
    Raises  InputError  when there are more rows or columns than pixels.
    """
    top, left = _edges(picture, rows, cols)
    down, across = np.arange(picture.shape[0] // rows), np.arange(picture.shape[1] // cols)
    places = (top[:-1, None] + down)[:, None, :, None], (left[:-1, None] + across)[None, :, None, :]
    return picture[places].reshape(rows * cols, len(down), len(across), -1)


def gathered(read: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """Add up what the patches of each region weigh; a patch that lies in several is shared out by its area.

    Shape   read (patch rows, patch columns); result (region,).
    Unit    that of the weights: what is given is all given out.
    """
    down, across = read.shape
    fine = np.kron(read, np.ones((rows, cols))) / (rows * cols)  # each patch in rows × cols equal parts
    return fine.reshape(rows, down, cols, across).sum(axis=(1, 3)).ravel()


def recomposed(regions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Put weighted regions back together, as bright as the strongest allows.

    Shape   regions (region, height, width, channel), weights (region,); result (height, width, channel).
    Unit    that of the regions: a region of the largest weight is as it was, one of half of it half as bright.
    Raises  InputError  unless each region has a weight, none is negative and one is above 0.
    """
    return np.tensordot(brightness(weights, len(regions)), regions, axes=1)


def brightness(weights: np.ndarray, regions: int) -> np.ndarray:
    """Say how bright each region is drawn: its weight as a part of the largest.

    Shape   (region,)
    Raises  InputError  unless each region has a weight, none is negative and one is above 0.
    """
    if weights.shape != (regions,) or (weights < 0).any() or not weights.max(initial=0) > 0:
        raise InputError(
            "{regions} regions need {regions} weights of at least 0, and one above it; {weights} were given.",
            regions=regions,
            weights=weights.size,
        )
    return weights / weights.max()


def _edges(picture: np.ndarray, rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
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
    return edges(height, rows), edges(width, cols)
