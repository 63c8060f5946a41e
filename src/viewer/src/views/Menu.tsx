import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Action } from "./actions";

interface OpenMenu {
  title: string;
  actions: Action[];
  x: number;
  y: number;

  /** What had the keyboard, and gets it back. */
  before: Element | null;
}

const open = signal<OpenMenu | null>(null);

/** Shows what can be done with something, at a place of the window. */
export function openMenu(title: string, actions: Action[], x: number, y: number): void {
  open.value = { title, actions, x, y, before: document.activeElement };
}

function close(): void {
  const before = open.peek()?.before;
  open.value = null;
  if (before instanceof HTMLElement) {
    before.focus();
  }
}

/** The menu that is open, if one is. */
export function Menu() {
  const menu = open.value;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (menu && element) {
      element.style.left = `${Math.max(4, Math.min(menu.x, innerWidth - element.offsetWidth - 4))}px`;
      element.style.top = `${Math.max(4, Math.min(menu.y, innerHeight - element.offsetHeight - 4))}px`;
      element.querySelector("button")?.focus();
    }
  }, [menu]);
  useEffect(() => {
    const leave = (event: Event) => {
      if (open.peek() && !(event.target instanceof Node && box.current?.contains(event.target))) {
        open.value = null;
      }
    };
    addEventListener("pointerdown", leave, true);
    addEventListener("resize", leave);
    return () => {
      removeEventListener("pointerdown", leave, true);
      removeEventListener("resize", leave);
    };
  }, []);
  if (!menu) {
    return null;
  }

  const move = (event: KeyboardEvent) => {
    const buttons = [...box.current!.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === "Escape" || event.key === "Tab") {
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      buttons[(at + (event.key === "ArrowDown" ? 1 : buttons.length - 1)) % buttons.length]!.focus();
    } else {
      const action = menu.actions.find(({ key }) => key === event.key);
      if (!action) {
        return;
      }

      close();
      action.run();
    }

    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={box} role="menu" aria-label={menu.title} onKeyDown={move}>
      <div class="menu-title">{menu.title}</div>
      {menu.actions.map((action) => (
        <button
          key={action.key}
          type="button"
          role="menuitem"
          title={action.title}
          onClick={() => {
            close();
            action.run();
          }}
        >
          {action.label}
          <kbd>{action.key}</kbd>
        </button>
      ))}
    </div>
  );
}
