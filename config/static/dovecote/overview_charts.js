/* Draws the overview's plots from the data beside them, anew when the data or the theme changes. */
"use strict";

(() => {
  const KINDS = ["published", "retried", "unconfirmed", "failed"];
  const charts = new Map();

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--dovecote-${name}`).trim();
  }

  function seconds(value) {
    if (value >= 3600) return `${Math.round(value / 360) / 10} h`;
    if (value >= 60) return `${Math.round(value / 6) / 10} min`;
    return `${value} s`;
  }

  /* A network's colour stays its own, whichever others are shown. */
  function line(network, label, data, options) {
    const shade = colour(`network-${network.key}`);
    return {
      label, data, borderColor: shade, backgroundColor: shade, borderWidth: 2, pointRadius: 0,
      pointHitRadius: 6, spanGaps: false, ...options,
    };
  }

  function lag(series) {
    return series.networks.flatMap((network) => [
      line(network, network.name, network.lag_p99, {}),
      line(network, `${network.name} p50`, network.lag_p50, { borderDash: [3, 3], borderWidth: 1 }),
    ]);
  }

  function throughput(series) {
    return series.networks.map((network) =>
      line(network, network.name, network.throughput, { fill: true, borderWidth: 1 }),
    );
  }

  function outcomes(network) {
    return KINDS.map((kind) => {
      const shade = colour(`outcome-${kind}`);
      return {
        label: kind, data: network[kind], borderColor: shade, backgroundColor: shade, borderWidth: 1,
        pointRadius: 0, pointHitRadius: 6, fill: true,
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
    const ticks = { color: text, font: { size: 11 } };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: {
          position: "bottom",
          labels: { color: text, boxWidth: 10, boxHeight: 10, filter: (item) => !item.text.endsWith(" p50") },
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

  function draw() {
    const data = document.getElementById("overview-series");
    if (!data) return;
    const series = JSON.parse(data.textContent);
    for (const canvas of document.querySelectorAll("canvas[data-plot]")) {
      const key = canvas.dataset.plot;
      const known = charts.get(key);
      const config = { data: { labels: series.times, datasets: datasets(key, series) }, options: options(key) };
      if (known && known.canvas === canvas) {
        /* Networks that the reader has hidden stay hidden. */
        const hidden = new Set(known.data.datasets.filter((_, at) => !known.isDatasetVisible(at)).map((each) => each.label));
        for (const each of config.data.datasets) each.hidden = hidden.has(each.label);
        known.data = config.data;
        known.options = config.options;
        known.update();
      } else {
        if (known) known.destroy();
        charts.set(key, new Chart(canvas, { type: "line", ...config }));
      }
    }
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "overview-charts") draw();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
})();
