// Carries Python's answers to the workbench and the workbench's outbox to Python.
export default function ({ data, setTriggerValue }) {
  const post = (globalThis.weightMapPost ??= {});
  post.send = (payload) => setTriggerValue("outbox", payload);
  post.data = data;
  post.deliver?.(data);
  return () => { delete post.data; };
}
