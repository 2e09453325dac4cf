// The theme, before anything is drawn: what was chosen here last, else what the system prefers.
"use strict";
{
  let chosen = null;
  try { chosen = localStorage.getItem("nova-theme"); } catch { /* no storage: the system's choice */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
