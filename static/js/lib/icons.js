/** Icons by name, drawn from the sprite in templates/_icons.html. */

const SVG = "http://www.w3.org/2000/svg";

/** The icon of each playback state. @type {Record<string, string>} */
const OF_STATE = { playing: "play", paused: "pause", buffering: "buffer", seeking: "seek" };

/**
 * @param {string} name an icon, or a playback state
 * @param {"" | "small" | "medium"} [size]
 * @returns {SVGSVGElement}
 */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${size}`);
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${OF_STATE[name] ?? name}`);
  svg.append(use);
  return svg;
}

/**
 * Another shape in an icon that is already there.
 * @param {Element | null | undefined} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  const href = `#i-${OF_STATE[name] ?? name}`;
  const use = svg?.querySelector("use");
  if (use && use.getAttribute("href") !== href) use.setAttribute("href", href);
}
