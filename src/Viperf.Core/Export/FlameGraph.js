(() => {
  "use strict";
  const root = document.currentScript.ownerSVGElement;
  const isAlone = document.documentElement === root;
  const head = root.querySelector(".head");
  const title = head.textContent;
  const facts = root.querySelector(".facts");
  const summary = facts.textContent;
  const letter = lengthOfLetter();

  // a box's parent is the last one before it that is a row higher
  const path = [];
  const boxes = Array.from(root.querySelectorAll(".box"), (element) => {
    const [name, ...amounts] = element.firstElementChild.textContent.split("\n");
    const box = {
      element,
      label: element.lastElementChild,
      name,
      amounts: amounts.join(", "),
      left: parseFloat(element.getAttribute("x")),
      width: parseFloat(element.getAttribute("width")),
      depth: 0,
      parent: null,
      children: [],
    };
    const y = Number(element.getAttribute("y"));
    while (path.length > 0 && path[path.length - 1].y >= y) {
      path.pop();
    }

    if (path.length > 0) {
      box.parent = path[path.length - 1].box;
      box.parent.children.push(box);
      box.depth = box.parent.depth + 1;
    }

    path.push({ y, box });
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", box.parent ? "-1" : "0");
    return box;
  });
  const all = boxes[0];
  const boxOf = new Map(boxes.map((box) => [box.element, box]));
  let zoomed = all;

  function lengthOfLetter() {
    const probe = document.createElementNS(root.namespaceURI, "text");
    probe.textContent = "mmmmmmmmmm";
    root.querySelector(".boxes").append(probe);
    const length = probe.getComputedTextLength() / 10;
    probe.remove();
    return length || 7.3;
  }

  /** Has each label say as much of its name as there is room for. */
  function label() {
    const pixels = root.getBoundingClientRect().width;
    head.textContent = title;
    const share = (pixels - 20) / head.getComputedTextLength();
    if (share < 1) {
      const letters = Array.from(title);
      head.textContent = letters.slice(0, Math.max(Math.floor(letters.length * share) - 2, 0)).join("") + "\u2026";
    }

    for (const box of boxes) {
      if (box.element.classList.contains("away")) {
        continue;
      }

      const room = Math.floor((parseFloat(box.element.getAttribute("width")) / 100 * pixels - 6) / letter);
      const letters = Array.from(box.name.slice(0, 2 * Math.max(room, 0) + 2));
      box.label.textContent = room < 2 ? "" : letters.length <= room ? letters.join("") : letters.slice(0, room - 1).join("") + "\u2026";
    }
  }

  function isUnder(box, top) {
    for (; box && box.depth > top.depth; box = box.parent);
    return box === top;
  }

  /** Makes a box as wide as the picture; what it hangs from too, and what is beside it goes away. */
  function zoom(top) {
    zoomed = top;
    for (const box of boxes) {
      const isAbove = box !== top && isUnder(top, box);
      const isShown = isAbove || isUnder(box, top);
      box.element.classList.toggle("above", isAbove);
      box.element.classList.toggle("away", !isShown);
      box.element.setAttribute("x", isAbove ? "0%" : `${(box.left - top.left) / top.width * 100}%`);
      box.element.setAttribute("width", isAbove ? "100%" : `${box.width / top.width * 100}%`);
    }

    reset.disabled = top === all;
    label();
    say(null);
  }

  function say(box) {
    facts.textContent = box || zoomed !== all ? `${(box || zoomed).name}: ${(box || zoomed).amounts}` : summary;
  }

  function focus(box) {
    if (box) {
      boxes.forEach((one) => one.element.setAttribute("tabindex", one === box ? "0" : "-1"));
      box.element.focus();
    }
  }

  /** What a search is for: an expression, or where it is none the text itself; null for nothing. */
  function patternOf(text) {
    if (text === "") {
      return null;
    }

    try {
      return new RegExp(text, "i");
    } catch {
      return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
    }
  }

  /** Marks what has a name that matches, and says how much of everything it is: what hangs from a match counts with that. */
  function search(text) {
    const pattern = patternOf(text);
    const counted = new Set();
    let share = 0;
    for (const box of boxes) {
      const isHit = pattern !== null && box !== all && pattern.test(box.name);
      box.element.classList.toggle("hit", isHit);
      if (box.parent && counted.has(box.parent)) {
        counted.add(box);
      } else if (isHit) {
        counted.add(box);
        share += box.width;
      }
    }

    found.textContent = pattern === null ? "" : `${share.toFixed(2)} % matched`;
  }

  function control(name, content) {
    const element = document.createElementNS("http://www.w3.org/1999/xhtml", name);
    element.textContent = content;
    return element;
  }

  const holder = document.createElementNS(root.namespaceURI, "foreignObject");
  holder.setAttribute("y", "46");
  holder.setAttribute("width", "100%");
  holder.setAttribute("height", "28");
  holder.style.pointerEvents = "none";
  const tools = control("div", "");
  tools.setAttribute("class", "tools");
  tools.style.padding = "2px 10px";
  const found = control("output", "");
  const input = control("input", "");
  input.setAttribute("type", "search");
  input.setAttribute("placeholder", "Search (Ctrl-F)");
  input.setAttribute("aria-label", "Search names");
  const reset = control("button", "Reset zoom");
  reset.setAttribute("type", "button");
  for (const element of [input, reset]) {
    element.style.pointerEvents = "auto";
  }

  tools.append(found, input, reset);
  holder.append(tools);
  root.insertBefore(holder, root.querySelector(".boxes"));

  input.addEventListener("input", () => search(input.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      input.value = "";
      search("");
      focus(zoomed);
    }

    event.stopPropagation();
  });
  reset.addEventListener("click", () => zoom(all));

  const area = root.querySelector(".boxes");
  const target = (event) => boxOf.get(event.target.closest(".box"));
  area.addEventListener("click", (event) => {
    const box = target(event);
    if (box) {
      zoom(box);
      focus(box);
    }
  });
  area.addEventListener("pointerover", (event) => say(target(event) || null));
  area.addEventListener("pointerout", () => say(null));
  area.addEventListener("focusin", (event) => say(target(event) || null));
  area.addEventListener("keydown", (event) => {
    const box = target(event);
    if (!box || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }

    const isShown = (one) => one && !one.element.classList.contains("away");
    const beside = (step) => {
      const siblings = box.parent ? box.parent.children.filter(isShown) : [];
      return siblings[siblings.indexOf(box) + step];
    };
    const moves = {
      ArrowUp: () => focus(box.parent),
      ArrowDown: () => focus(box.children.find(isShown)),
      ArrowLeft: () => focus(beside(-1)),
      ArrowRight: () => focus(beside(1)),
      Home: () => focus(all),
      Enter: () => zoom(box),
      " ": () => zoom(box),
      Escape: () => zoom(all),
    };
    if (Object.hasOwn(moves, event.key)) {
      moves[event.key]();
      event.preventDefault();
    }
  });

  // in a page of somebody else's only what is typed into the picture is meant for it
  (isAlone ? window : root).addEventListener("keydown", (event) => {
    if ((event.key === "f" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !event.ctrlKey)) {
      input.focus();
      input.select();
      event.preventDefault();
    }
  });
  if (isAlone) {
    root.setAttribute("width", "100%");
  }

  new ResizeObserver(label).observe(root);
  zoom(all);
})();
