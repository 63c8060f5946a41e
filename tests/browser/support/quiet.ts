import { expect, type Page } from "@playwright/test";

/** What a page did that a harmless one does not do. */
export interface Watch {
  /** Fails if there was a dialog, a request beside the page's own, or anything on the console. */
  expectNothing(): void;
}

/** Watches a page; to be called before it is opened. */
export function watch(page: Page, isOwn: (url: string) => boolean): Watch {
  const seen: string[] = [];
  page.on("dialog", (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => seen.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!isOwn(request.url())) {
      seen.push(`request: ${request.url()}`);
    }
  });
  return { expectNothing: () => expect(seen).toEqual([]) };
}
