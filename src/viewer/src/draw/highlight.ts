import { parser as cpp } from "@lezer/cpp";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { parser as python } from "@lezer/python";

/** A part of a line and what it is: the end of a class's name, empty for plain text. */
export interface Token {
  text: string;
  kind: string;
}

/** Longer sources are shown plain: taking them apart would keep the reader waiting. */
const longest = 2_000_000;

const highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword, tags.self], class: "keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.docString], class: "string" },
  { tag: [tags.number, tags.bool, tags.null], class: "number" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], class: "comment" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], class: "definition" },
  { tag: [tags.meta, tags.processingInstruction], class: "meta" },
]);

/** Takes a source apart into lines of tokens; by its name it is Python, C or C++, or neither. */
export function highlight(name: string, text: string): (line: number) => Token[] {
  const lines = text.split("\n");
  const starts = new Float64Array(lines.length + 1);
  lines.forEach((line, index) => (starts[index + 1] = starts[index]! + line.length + 1));
  const parser = text.length > longest ? null : /\.pyw?$/.test(name) ? python : /\.([ch](pp|xx|c|\+\+)?|cc|hh)$/i.test(name) ? cpp : null;
  const spans: [from: number, to: number, kind: string][] = [];
  if (parser) {
    highlightTree(parser.parse(text), highlighter, (from, to, kind) => spans.push([from, to, kind]));
  }

  return (line) => {
    const start = starts[line]!;
    const end = start + lines[line]!.length;
    const tokens: Token[] = [];
    let at = start;
    for (let i = firstBehind(spans, start); i < spans.length && spans[i]![0] < end; i++) {
      const from = Math.max(spans[i]![0], start);
      const to = Math.min(spans[i]![1], end);
      if (from > at) {
        tokens.push({ text: text.slice(at, from), kind: "" });
      }

      tokens.push({ text: text.slice(from, to), kind: spans[i]![2] });
      at = to;
    }

    if (at < end) {
      tokens.push({ text: text.slice(at, end), kind: "" });
    }

    return tokens;
  };
}

/** Index of the first span that ends behind a place. */
function firstBehind(spans: [number, number, string][], place: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]![1] <= place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low;
}
