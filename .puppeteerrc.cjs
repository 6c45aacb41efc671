// Chromium comes from the operating system's packages: puppeteer's own download would fail the whole
// installation wherever the network does not allow it.
module.exports = { skipDownload: true };
