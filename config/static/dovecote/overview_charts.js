/* Draws the overview's plots from the data beside them, anew when the data or the theme changes. */
"use strict";

(() => {
  const KINDS = ["published", "retried", "unconfirmed", "failed"];
  /* Series are told apart by their markers too, not by colour alone. */
  const MARKERS = ["circle", "rect", "triangle", "rectRot", "star", "crossRot", "rectRounded"];
  const STEPS_PER_HOUR = 12, KEY = "dovecote-plot-hours";
  const charts = new Map();

  const hours = () => Number(localStorage.getItem(KEY) || 1);

  function marked(index) {
    /* In a day one marker in two hours is enough. */
    const every = hours() === 1 ? 1 : 2 * STEPS_PER_HOUR;
    return {
      pointStyle: MARKERS[index % MARKERS.length], pointHitRadius: 6,
      pointRadius: (at) => (at.dataIndex % every === (index * 3) % every ? 3.5 : 0),
    };
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--dovecote-${name}`).trim();
  }

  function seconds(value) {
    if (value >= 3600) return `${Math.round(value / 360) / 10} h`;
    if (value >= 60) return `${Math.round(value / 6) / 10} min`;
    return `${value} s`;
  }

  /* A network's colour stays its own, whichever others are shown. */
  function line(network, index, label, data, options) {
    const shade = colour(`network-${network.key}`);
    return {
      label, data, borderColor: shade, backgroundColor: shade, borderWidth: 2, spanGaps: false,
      ...marked(index), ...options,
    };
  }

  function lag(series) {
    return series.networks.flatMap((network, index) => [
      line(network, index, network.name, network.lag_p99, {}),
      line(network, index, `${network.name} p50`, network.lag_p50, { borderDash: [3, 3], borderWidth: 1, pointRadius: 0 }),
    ]);
  }

  function throughput(series) {
    return series.networks.map((network, index) =>
      line(network, index, network.name, network.throughput, { fill: true, borderWidth: 1 }),
    );
  }

  function outcomes(network) {
    return KINDS.map((kind, index) => {
      const shade = colour(`outcome-${kind}`);
      return {
        label: kind, data: network[kind], borderColor: shade, backgroundColor: shade, borderWidth: 1,
        fill: true, ...marked(index),
      };
    });
  }

  function datasets(key, series) {
    if (key === "lag") return lag(series);
    if (key === "throughput") return throughput(series);
    return outcomes(series.networks.find((network) => network.key === key));
  }

  function options(key) {
    const text = colour("plot-text");
    const isLag = key === "lag";
    const ticks = { color: text, font: { size: 12 } };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: {
          position: "bottom",
          labels: { color: text, usePointStyle: true, boxHeight: 8, filter: (item) => !item.text.endsWith(" p50") },
        },
        tooltip: {
          itemSort: (one, other) => other.parsed.y - one.parsed.y,
          filter: (item) => item.parsed.y !== null && (isLag || item.parsed.y > 0),
          callbacks: isLag ? { label: (item) => `${item.dataset.label}: ${seconds(item.parsed.y)}` } : {},
        },
      },
      scales: {
        x: { grid: { display: false }, ticks: { ...ticks, maxTicksLimit: 9, maxRotation: 0 } },
        y: {
          type: isLag ? "logarithmic" : "linear",
          stacked: !isLag,
          beginAtZero: !isLag,
          border: { display: false },
          grid: { color: colour("plot-grid") },
          ticks: isLag
            ? { ...ticks, callback: (value) => ([0.1, 1, 10, 60, 600, 3600].includes(value) || Number.isInteger(Math.log10(value)) ? seconds(value) : null) }
            : { ...ticks, maxTicksLimit: 5, precision: 0 },
        },
      },
    };
  }

  /* What is shown of the day: its end, all lists alike. */
  function cut(series) {
    const from = Math.max(series.times.length - hours() * STEPS_PER_HOUR - 1, 0);
    const end = (value) => (Array.isArray(value) ? value.slice(from) : value);
    return {
      times: end(series.times),
      networks: series.networks.map((each) => Object.fromEntries(Object.entries(each).map(([name, value]) => [name, end(value)]))),
      incidents: series.incidents.map((each) => ({ ...each, place: Math.max(each.place - from, 0) })),
    };
  }

  /* Open incidents: a shade from when each began, and a line there. */
  const incidents = {
    id: "incidents",
    beforeDatasetsDraw(chart, _, { marks }) {
      const { ctx, chartArea: { left, right, top, bottom }, scales: { x } } = chart;
      ctx.save();
      for (const { place, level } of marks ?? []) {
        const at = Math.min(Math.max(x.getPixelForValue(place), left), right - 2);
        ctx.fillStyle = ctx.strokeStyle = colour(level === "problem" ? "act" : "look");
        ctx.globalAlpha = 0.08;
        ctx.fillRect(at, top, right - at, bottom - top);
        ctx.globalAlpha = 1;
        ctx.setLineDash([6, 4]);
        ctx.beginPath();
        ctx.moveTo(at, top);
        ctx.lineTo(at, bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  function draw() {
    const data = document.getElementById("overview-series");
    if (!data) return;
    const series = cut(JSON.parse(data.textContent));
    for (const button of document.querySelectorAll("[data-plot-hours]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.plotHours) === hours()));
    }
    for (const canvas of document.querySelectorAll("canvas[data-plot]")) {
      const key = canvas.dataset.plot;
      const known = charts.get(key);
      const config = { data: { labels: series.times, datasets: datasets(key, series) }, options: options(key) };
      config.options.plugins.incidents = { marks: series.incidents };
      if (known && known.canvas === canvas) {
        /* Networks that the reader has hidden stay hidden. */
        const hidden = new Set(known.data.datasets.filter((_, at) => !known.isDatasetVisible(at)).map((each) => each.label));
        for (const each of config.data.datasets) each.hidden = hidden.has(each.label);
        known.data = config.data;
        known.options = config.options;
        known.update();
      } else {
        if (known) known.destroy();
        charts.set(key, new Chart(canvas, { type: "line", plugins: [incidents], ...config }));
      }
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-plot-hours]");
    if (!button) return;
    localStorage.setItem(KEY, button.dataset.plotHours);
    draw();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "overview-charts") draw();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
