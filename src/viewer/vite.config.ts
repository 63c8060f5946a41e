import { createHash } from "node:crypto";
import { defineConfig, type Plugin } from "vite";

/** What a browser runs is named by its digest, so that nothing else in the page can be run. */
const digestOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * A script without characters beyond ASCII. One of them in a page, and browsers keep all of it, the profile too, as two bytes a character,
 * which takes them a third of a second longer for megabytes.
 */
const asciiOf = (script: string) =>
  script.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/**
 * Makes one page of the script and the style sheet. The profile comes between the page's two halves as base64, in elements that
 * browsers do not run; the policy forbids every script but the page's own, and every connection.
 */
function onePage(): Plugin {
  return {
    name: "one-page",
    enforce: "post",
    generateBundle(_, bundle) {
      let script = "";
      let style = "";
      for (const [name, part] of Object.entries(bundle)) {
        if (part.type === "chunk") {
          script += part.code;
          delete bundle[name];
        } else if (name.endsWith(".css")) {
          style += part.source;
          delete bundle[name];
        }
      }

      const page = bundle["index.html"];
      if (page?.type !== "asset") {
        throw new Error("no index.html was built");
      }

      script = asciiOf(script.trim()).replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
      style = style.trim();
      if (style.includes("</style")) {
        throw new Error("the style sheet would end its own element");
      }

      const policy = `default-src 'none'; script-src ${digestOf(script)}; style-src ${digestOf(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
      page.source = String(page.source)
        .replace(/\s*<script[^>]* src=[^>]*><\/script>|\s*<link rel="stylesheet"[^>]*>/g, "")
        .replace("%POLICY%", () => policy)
        .replace("<!--style-->", () => `<style>${style}</style>`)
        .replace("<!--script-->", () => `<script type="module">${script}</script>`);
      if (asciiOf(page.source) !== page.source) {
        throw new Error("the page has characters beyond ASCII");
      }
    },
  };
}

export default defineConfig({
  plugins: [onePage()],
  build: {
    target: ["chrome111", "firefox114", "safari16.4"],
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
