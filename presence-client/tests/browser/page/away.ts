/** Another page, from which one goes back: at once where its address says so. */

if (location.hash === "#back") addEventListener("pageshow", () => setTimeout(() => history.back()));
