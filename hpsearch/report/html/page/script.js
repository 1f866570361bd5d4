"use strict";
/* Links the figures of one page: highlight, filter, brush, sort. Without it the page is complete.
   Every mark of a trial has data-t, its number; a height is a place on an axis, 0 at the bottom. */
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const root = document.documentElement;
  const tip = byId("tip");
  const SHOWN_ROWS = 15;
  root.classList.add("scripted");

  /* the marks of each trial, in all figures */
  const marks = new Map();
  for (const mark of all("[data-t]")) {
    if (!marks.has(mark.dataset.t)) marks.set(mark.dataset.t, []);
    marks.get(mark.dataset.t).push(mark);
  }

  /* filter: the best share, and a range on any axis */
  let top = 1;
  const ranges = new Map();
  const passes = ([rank, heights]) =>
    rank <= Math.ceil(data.ranked * top) &&
    [...ranges].every(([axis, [low, high]]) =>
      heights[axis] !== null && heights[axis] >= low && heights[axis] <= high);

  function filter() {
    let count = 0;
    const everything = top === 1 && ranges.size === 0;
    for (const [trial, its] of marks) {
      const facts = data.trials[trial];
      const stays = facts ? passes(facts) : everything;
      if (facts && stays) count += 1;
      for (const mark of its) mark.classList.toggle("off", !stays);
    }
    const drawn = Object.keys(data.trials).length;
    const all = drawn < data.ranked ? `${drawn} drawn` : drawn;
    byId("count").textContent = `${count} of ${all} trials`;
    showRows();
  }

  for (const button of all("[data-top]")) {
    button.addEventListener("click", () => {
      top = Number(button.dataset.top);
      for (const other of all("[data-top]")) other.setAttribute("aria-pressed", other === button);
      filter();
    });
  }

  /* highlight: the trial under the pointer, everywhere, and what is known of it */
  let lit = null;
  function light(trial) {
    if (trial === lit) return;
    for (const mark of marks.get(lit) ?? []) mark.classList.remove("on");
    for (const mark of marks.get(trial) ?? []) mark.classList.add("on");
    lit = trial;
  }

  function tell(trial, x, y) {
    const row = document.querySelector(`#trials tr[data-t="${trial}"]`);
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: `#${trial}` }));
    if (row) {
      const list = document.createElement("dl");
      const heads = all("#trials thead th");
      [...row.cells].forEach((cell, place) => {
        const [name, value] = [document.createElement("dt"), document.createElement("dd")];
        name.textContent = heads[place].textContent;
        value.textContent = cell.textContent;
        if (place !== 1) list.append(name, value);
      });
      tip.append(list);
    } else {
      const out = document.querySelector(`.out[data-t="${trial}"]`);
      tip.append(out ? " outside the limits" : " failed or diverged");
    }
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const below = y + 14 + box.height < innerHeight;
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
    tip.style.top = `${below ? y + 14 : Math.max(4, y - box.height - 12)}px`;
  }

  document.addEventListener("pointerover", (event) => {
    const mark = event.target.closest("[data-t]");
    light(mark ? mark.dataset.t : null);
    if (mark && mark.tagName !== "TR") tell(mark.dataset.t, event.clientX, event.clientY);
    else tip.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });

  /* brush: a range on one axis, by pointer or by keyboard */
  const valueAt = (axis, height) => axis.marks[Math.round(height * (axis.marks.length - 1))];

  for (const group of all(".axis")) {
    const place = Number(group.dataset.axis);
    const axis = data.axes[place];
    const hit = group.querySelector(".hit");
    /* an axis may be drawn twice, for wide and for narrow windows: both show the range */
    const twins = all(`.axis[data-axis="${place}"]`);
    const svg = group.ownerSVGElement;
    const upper = Number(hit.getAttribute("y")) + 6;
    const length = Number(hit.getAttribute("height")) - 12;
    const clamp = (height) => Math.max(0, Math.min(1, height));

    group.tabIndex = 0;
    group.setAttribute("role", "slider");
    group.setAttribute("aria-orientation", "vertical");
    group.setAttribute("aria-label", `range of ${axis.name}`);
    group.setAttribute("aria-valuemin", "0");
    group.setAttribute("aria-valuemax", "100");

    function set(range) {
      const [low, high] = range ?? [0, 0];
      if (range) ranges.set(place, range);
      else ranges.delete(place);
      const words = range ? `${valueAt(axis, low)} to ${valueAt(axis, high)}` : "all";
      for (const twin of twins) {
        const brush = twin.querySelector(".brush");
        brush.setAttribute("y", upper + (1 - high) * length);
        brush.setAttribute("height", (high - low) * length);
        twin.setAttribute("aria-valuenow", Math.round(100 * low));
        twin.setAttribute("aria-valuetext", words);
      }
      filter();
    }
    group.reset = () => set(null);

    const heightOf = (event) => {
      const box = svg.getBoundingClientRect();
      const y = ((event.clientY - box.top) * svg.viewBox.baseVal.height) / box.height;
      return clamp(1 - (y - upper) / length);
    };
    hit.addEventListener("pointerdown", (event) => {
      const start = heightOf(event);
      let moved = false;
      const move = (next) => {
        const now = heightOf(next);
        if (Math.abs(now - start) * length > 3) moved = true;
        if (moved) set([Math.min(start, now), Math.max(start, now)]);
      };
      const end = () => {
        hit.removeEventListener("pointermove", move);
        if (!moved) set(null);
      };
      hit.setPointerCapture(event.pointerId);
      hit.addEventListener("pointermove", move);
      hit.addEventListener("pointerup", end, { once: true });
    });
    group.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 0.05, ArrowDown: -0.05 }[event.key];
      if (event.key === "Escape" || event.key === "Delete") set(null);
      if (step === undefined) return;
      event.preventDefault();
      let [low, high] = ranges.get(place) ?? [0, 1];
      if (event.shiftKey) high = Math.max(low + 0.01, clamp(high + step));
      else low = Math.min(high - 0.01, clamp(low + step));
      set([low, high]);
    });
  }

  /* the table: sorted by any column; the first rows, or all of them */
  const body = document.querySelector("#trials tbody");
  const more = byId("all");
  let short = true;
  function showRows() {
    if (!body) return;
    let place = 0;
    for (const row of body.rows) {
      if (row.classList.contains("off")) continue;
      row.hidden = short && place >= SHOWN_ROWS;
      place += 1;
    }
    more.hidden = !short || place <= SHOWN_ROWS;
    more.textContent = `show all ${place} trials`;
  }
  more?.addEventListener("click", () => {
    short = false;
    showRows();
  });

  const comparable = (text) => {
    const value = Number(text.replace(/^#/, ""));
    if (text === "-") return [2, 0];
    return Number.isNaN(value) ? [1, text] : [0, value];
  };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  all("#trials thead th").forEach((head, column) => {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of all("#trials thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = [...body.rows].map((row) => [comparable(row.cells[column].textContent), row]);
      keyed.sort(([a], [b]) => (compare(a[0], b[0]) || compare(a[1], b[1])) * (up ? 1 : -1));
      body.append(...keyed.map(([, row]) => row));
      showRows();
    });
  });

  /* copy the best setting; light or dark */
  byId("copy")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    const field = document.createElement("textarea");
    field.value = button.dataset.yaml;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = "copied";
  });

  byId("theme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  });

  all(".axis").forEach((group) => group.reset());
  filter();
})();
