/** @type {import("./tool.js").Tool} */
export default {
  name: "stamp",
  key: "s",
  icon: "M6 2h4v4l-1 3h4v3H3V9h4L6 6zM3 14h10",
  cursor: "move",
  help: "Put a shape on the map: drag it and its handles, then lay it",
  paints: false,
  stands: true,
  begin() {},
  move() {},
};
