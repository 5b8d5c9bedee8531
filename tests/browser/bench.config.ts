// `cargo xtask bench latency` and `frames`: not tests, so not with them.
import config from './playwright.config.ts';

export default { ...config, testMatch: 'bench.ts', testIgnore: [], reporter: [['list']] };
