// What hands do on the map: mouse, touch and keys become calls. Knows nothing of weights.
//
// calls: {at(x, y) -> {row, column} | null, point(cell | null), pick(cell), zoom(factor, x, y), pan(x, y), reset(),
//         isZoomed(), key(event) -> handled}, x and y in CSS pixels of the canvas.

const STILL = 4; // CSS pixels: a press that moved less is a click
const WHEEL = 0.0022;

export function listen(canvas, calls) {
  const pointers = new Map();
  let press = null; // {x, y, moved}: where a drag began

  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const pinch = (event, here) => {
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const before = pointers.get(event.pointerId);
    const apart = (one) => Math.max(8, Math.hypot(one.x - other.x, one.y - other.y));
    calls.zoom(apart(here) / apart(before), (before.x + other.x) / 2, (before.y + other.y) / 2);
    calls.pan((before.x - here.x) / 2, (before.y - here.y) / 2); // between two fingers, half of what one moves
    press.moved = true;
  };

  const drag = (event, here) => {
    const before = pointers.get(event.pointerId);
    press.moved ||= Math.hypot(here.x - press.x, here.y - press.y) > STILL;
    if (press.moved && calls.isZoomed()) calls.pan(before.x - here.x, before.y - here.y);
  };

  const handlers = {
    pointerdown(event) {
      if (event.button > 0) return;
      const here = spot(event);
      press = pointers.size ? { ...press, moved: true } : { ...here, moved: false };
      pointers.set(event.pointerId, here);
      canvas.setPointerCapture(event.pointerId);
    },
    pointermove(event) {
      const here = spot(event);
      if (pointers.size === 2 && pointers.has(event.pointerId)) pinch(event, here);
      else if (pointers.has(event.pointerId)) drag(event, here);
      else calls.point(calls.at(here.x, here.y));
      if (pointers.has(event.pointerId)) pointers.set(event.pointerId, here);
    },
    pointerup(event) {
      if (!pointers.delete(event.pointerId) || pointers.size || press.moved) return;
      const cell = calls.at(press.x, press.y);
      calls.point(cell);
      if (cell) calls.pick(cell);
    },
    pointercancel: (event) => pointers.delete(event.pointerId),
    // A finger that lifts leaves its cell lit.
    pointerleave: (event) => event.pointerType === "mouse" && calls.point(null),
    wheel(event) {
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) return; // the plain wheel scrolls the page
      event.preventDefault();
      const here = spot(event);
      calls.zoom(Math.exp(-(event.deltaY || event.deltaX) * WHEEL), here.x, here.y);
    },
    dblclick: () => calls.isZoomed() && calls.reset(),
    keydown: (event) => calls.key(event) && event.preventDefault(),
  };
  for (const [name, handler] of Object.entries(handlers)) canvas.addEventListener(name, handler, { passive: false });
}
