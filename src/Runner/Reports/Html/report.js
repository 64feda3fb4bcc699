(function () {
  "use strict";

  // A legend switches curves off and on.
  document.querySelectorAll(".legend li").forEach(function (item) {
    var name = item.getAttribute("data-name"), chart = item.closest(".chart");
    var button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    while (item.firstChild) button.appendChild(item.firstChild);
    item.appendChild(button);
    button.addEventListener("click", function () {
      var on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      chart.querySelectorAll("svg [data-name]").forEach(function (curve) {
        if (curve.getAttribute("data-name") === name) curve.classList.toggle("off", !on);
      });
    });
  });

  // A column's heading sorts its table.
  document.querySelectorAll("table").forEach(function (table) {
    var body = table.tBodies[0];
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (heading, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (heading.firstChild) button.appendChild(heading.firstChild);
      heading.appendChild(button);
      button.addEventListener("click", function () {
        var down = heading.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("th[aria-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rows = Array.prototype.slice.call(body.rows);
        rows.sort(function (a, b) { return (down ? -1 : 1) * compare(a.cells[column], b.cells[column]); });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  function compare(a, b) {
    var x = a.getAttribute("data-order"), y = b.getAttribute("data-order");
    if (x !== null && y !== null) return Number(x) - Number(y);
    return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
  }

  // A picture as a file: what the style sheet says goes into the elements themselves.
  var kept = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "font-family", "font-size",
    "font-weight", "text-anchor"];
  function paint(from, to) {
    var style = getComputedStyle(from);
    kept.forEach(function (name) { to.style.setProperty(name, style.getPropertyValue(name)); });
    for (var i = 0; i < from.children.length; i++) paint(from.children[i], to.children[i]);
  }
  function save(figure) {
    var svg = figure.querySelector("svg"), copy = svg.cloneNode(true), box = svg.viewBox.baseVal, height = box.height;
    paint(svg, copy);
    figure.querySelectorAll(".legend li").forEach(function (item) {
      var key = item.querySelector("svg g"), group = key.cloneNode(true), text = document.createElementNS(svg.namespaceURI, "text");
      paint(key, group);
      group.setAttribute("transform", "translate(8 " + height + ")");
      text.setAttribute("x", 50);
      text.setAttribute("y", height + 10);
      text.setAttribute("style", "font: 12px sans-serif; fill: " + getComputedStyle(item).color);
      text.textContent = item.textContent.trim();
      copy.appendChild(group);
      copy.appendChild(text);
      height += 17;
    });
    copy.setAttribute("viewBox", "0 0 " + box.width + " " + height);
    copy.setAttribute("style", "background: " + getComputedStyle(document.body).backgroundColor);
    var link = document.createElement("a");
    link.href = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
    link.download = figure.getAttribute("data-plot") + ".svg";
    link.click();
  }
  document.querySelectorAll("figure[data-plot]").forEach(function (figure) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = "Save as SVG";
    button.addEventListener("click", function () { save(figure); });
    figure.appendChild(button);
  });

  // What browsers show after a while as a title is shown at once.
  var tip = null;
  document.querySelectorAll(".point title").forEach(function (title) {
    var point = title.parentNode, text = title.textContent;
    title.remove();
    point.setAttribute("aria-label", text);
    point.addEventListener("pointerenter", function () {
      var box = point.getBoundingClientRect();
      tip = document.createElement("div");
      tip.id = "tip";
      tip.textContent = text;
      document.body.appendChild(tip);
      var left = Math.min(box.right + 6, document.documentElement.clientWidth - tip.offsetWidth - 8);
      tip.style.left = Math.max(4, left) + window.scrollX + "px";
      tip.style.top = box.bottom + 6 + window.scrollY + "px";
    });
    point.addEventListener("pointerleave", function () {
      if (tip) tip.remove();
      tip = null;
    });
  });
})();
