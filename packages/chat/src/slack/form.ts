/** The names of the form for a note, by which its answer is known again. */
export const noteForm = "tl-note"
export const noteBlock = "note"
export const noteAction = "text"

/** The form in which somebody writes a note for a running turn; `about` comes back with it. */
export const noteView = (about: { task: string; turn: string; channel: string; thread: string }) => ({
  type: "modal",
  callback_id: noteForm,
  private_metadata: JSON.stringify(about),
  title: { type: "plain_text", text: "Steer the agent" },
  submit: { type: "plain_text", text: "Send" },
  close: { type: "plain_text", text: "Close" },
  blocks: [
    {
      type: "input",
      block_id: noteBlock,
      element: { type: "plain_text_input", action_id: noteAction, multiline: true, max_length: 3_000 },
      label: { type: "plain_text", text: "What should it do differently?" },
    },
  ],
})
