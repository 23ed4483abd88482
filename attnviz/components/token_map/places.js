// Where columns and rows, or fractions of them, lie on the canvas. Pure.

export const across = ({ place, part, size }, column) => place.left + (column - part.x) * size;
export const down = ({ place, part, size }, row) => place.top + (row - part.y) * size;
