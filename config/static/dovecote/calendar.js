// Dragging a scheduled post to another day or hour asks to move it there. The menu does the same.
"use strict";

// Today is in the last rows of a month at its end.
document.querySelector(".dovecote-today")?.scrollIntoView({ block: "nearest" });

(() => {
  const form = document.getElementById("calendar-drop");
  if (!form) return;
  let dragged = null;

  const over = (event) => dragged && event.target.closest("[data-day]:not([data-post])");
  const unmark = () =>
    document.querySelectorAll(".dovecote-drop").forEach((each) => each.classList.remove("dovecote-drop"));

  // The day, or the hour, keeps what it does not name: the time, or the minutes.
  const wanted = (target) => {
    const { day, hour, offset } = target.dataset;
    const time = hour ? `${hour}:${dragged.dataset.time.slice(3)}` : dragged.dataset.time;
    return { day, time, when: `${day}T${time}${hour ? offset : ""}` };
  };

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-post]");
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.dataset.post);
    event.dataTransfer.effectAllowed = "move";
  });

  document.addEventListener("dragover", (event) => {
    const target = over(event);
    if (!target) return;
    event.preventDefault();
    unmark();
    target.classList.add("dovecote-drop");
  });

  document.addEventListener("dragend", () => {
    unmark();
    dragged = null;
  });

  document.addEventListener("drop", (event) => {
    const target = over(event);
    if (!target) return;
    event.preventDefault();
    const { day, time, when } = wanted(target);
    if (day === dragged.dataset.day && time === dragged.dataset.time) return;
    form.elements.when.value = when;
    form.elements._selected_action.value = dragged.dataset.post;
    form.requestSubmit();
  });
})();
