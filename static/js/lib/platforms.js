/** Platforms come in lower case; what is not listed is said as it came. @type {Record<string, string>} */
const PLATFORM_TITLES = {
  web: "Web",
  ios: "iOS",
  tvos: "tvOS",
  android: "Android",
  android_tv: "Android TV",
  fire_tv: "Fire TV",
  roku: "Roku",
  xbox: "Xbox",
  smarttv: "Smart TV",
  server: "Server",
};

/** A platform as its makers spell it: iOS, Roku. @param {string} platform */
export function platformTitle(platform) {
  return PLATFORM_TITLES[platform] ?? platform;
}
