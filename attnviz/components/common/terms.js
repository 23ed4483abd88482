// Words of captions as links into the glossary, which opens beside the picture.
import { make } from "./dom.js";

/** The address of a term from any page of the app, in the language of this one. */
function address(term) {
  const language = new URLSearchParams(location.search).get("lang");
  return new URL(`glossary?v=1${language ? `&lang=${encodeURIComponent(language)}` : ""}#${term}`, location.href).href;
}

export const linked = (term, text) => make("a", { class: "term", href: address(term), target: "_blank" }, text);

/** Name something by a term; drawn anew only where the words are new, so that a focus stays. */
export function entitle(element, term, text) {
  if (element.textContent !== text) element.replaceChildren(linked(term, text));
}
