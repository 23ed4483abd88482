// Which token a key leads to. Knows the boxes on the screen, for text has lines.

const middle = (box) => (box.left + box.right) / 2;

/** The token of the next line, up or down, that stands closest below or above. */
function acrossLines(elements, from, down) {
  const here = elements[from].getClientRects()[0];
  const boxes = elements.map((element, index) => ({ index, box: element.getClientRects()[0] }));
  const beyond = boxes.filter(({ box }) => (down ? box.top > here.bottom - 2 : box.bottom < here.top + 2));
  if (!beyond.length) return from;
  const line = down ? Math.min(...beyond.map(({ box }) => box.top)) : Math.max(...beyond.map(({ box }) => box.top));
  const inLine = beyond.filter(({ box }) => Math.abs(box.top - line) < here.height / 2);
  const distance = ({ box }) => Math.abs(middle(box) - middle(here));
  return inLine.reduce((best, each) => (distance(each) < distance(best) ? each : best)).index;
}

/** The place in `elements` after a key, or null when the key does not move. */
export function step(event, elements, from) {
  if (event.altKey || event.metaKey) return null;
  const last = elements.length - 1;
  const forward = getComputedStyle(elements[from].parentElement).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight":
      return Math.min(last, Math.max(0, from + (event.key === forward ? 1 : -1)));
    case "ArrowUp":
    case "ArrowDown":
      return acrossLines(elements, from, event.key === "ArrowDown");
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
