// Words with links into the glossary: "a [query](query) reads" becomes text, a link, and text; **so** is set bold.
import { make } from "../common/dom.js";

const BOLD = /\*\*(.+?)\*\*/;
const LINK = /\[([^\]]+)\]\(([a-z-]+)\)/;

export function paragraph(text, glossary) {
  const parts = text.split(BOLD).map((part, at) => [linked(part, glossary), at % 2]);
  return make("p", {}, ...parts.flatMap(([own, bold]) => (bold ? [make("strong", {}, ...own)] : own)));
}

/** Text, a word and its term, text, … */
function linked(text, glossary) {
  const parts = text.split(LINK);
  return parts.flatMap((part, at) => {
    if (at % 3 === 0) return part ? [part] : [];
    return at % 3 === 1 ? [make("a", { class: "term", href: `${glossary}#${parts[at + 1]}` }, part)] : [];
  });
}
