// Before anything is painted: the theme that was chosen here, where one was.
try {
  const theme = localStorage.getItem("calf-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is off: the system's theme it is
}
