(function () {
  var filters = document.getElementById("filters");
  var rows = document.querySelectorAll("#timeline tbody tr");
  var city = document.getElementById("by-city");
  var kind = document.getElementById("by-kind");
  var shown = document.getElementById("shown");
  function apply() {
    var count = 0;
    rows.forEach(function (row) {
      var fits = (!city.value || row.dataset.city === city.value) && (!kind.value || row.dataset.kind === kind.value);
      row.hidden = !fits;
      if (fits) { count += 1; }
    });
    shown.textContent = String(count);
  }
  if (filters) {
    filters.hidden = false;
    city.addEventListener("change", apply);
    kind.addEventListener("change", apply);
    apply();
  }
  document.querySelectorAll(".lang").forEach(function (input) {
    input.addEventListener("change", function () {
      document.documentElement.lang = input.value;
    });
  });
})();
