/* The copy buttons of posts and destinations. Browsers offer a clipboard only on safe origins. */
"use strict";

for (const button of document.querySelectorAll("[data-dovecote-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.dovecoteCopy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
