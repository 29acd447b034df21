package helm

// MaxChartBytes is what one chart may hold.
const MaxChartBytes = maxChartBytes
