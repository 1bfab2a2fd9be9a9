// Small tools for building and updating the page's elements.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Make `parent` hold the nodes that `render` gives for `items`, and touch only what has changed, so that
// focus, scrolling and screen readers are left alone.
export function sync(parent, items, key, render) {
  const atEnd = parent.scrollHeight - parent.scrollTop - parent.clientHeight < 60;
  const old = new Map([...parent.children].map((node) => [node.dataset.item, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const print = JSON.stringify(item);
    let node = old.get(name);
    old.delete(name);
    if (!node || node.print !== print) {
      const fresh = render(item);
      fresh.dataset.item = name;
      fresh.print = print;
      if (node) {
        if (place === node) place = fresh;
        replaceKeepingFocus(node, fresh);
      }
      node = fresh;
    }
    if (node === place) place = node.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
  if (atEnd) parent.scrollTop = parent.scrollHeight;
}

// Put `fresh` in the place of `node`; what had the focus has it again.
export function replaceKeepingFocus(node, fresh) {
  const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  node.replaceWith(fresh);
  if (key !== undefined) fresh.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
