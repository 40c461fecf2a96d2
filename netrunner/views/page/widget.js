// The page in a frame, in a notebook whose kernel knows its input. For anywidget.
export default {
  render({ model, el }) {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.title = model.get("title");
    frame.srcdoc = model.get("html");
    frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 1px solid rgba(128, 128, 128, 0.35); border-radius: 6px`;
    const tell = () => frame.contentWindow?.postMessage({ netrunner: { x: model.get("x") } }, "*");
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow || !Array.isArray(data?.netrunner?.x)) return;
      model.set("x", data.netrunner.x);
      model.save_changes();
    };
    frame.addEventListener("load", tell);
    model.on("change:x", tell);
    addEventListener("message", hear);
    el.append(frame);
    return () => {
      model.off("change:x", tell);
      removeEventListener("message", hear);
    };
  },
};
