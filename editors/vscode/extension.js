// Starts `netrunner lsp` for YAML files, and says clearly where netrunner is missing.

const { execFile } = require("node:child_process");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const INSTALL = "pip install 'netrunner-nn[lsp]'";

let client;

/** What is wrong with the command, in a sentence; nothing if it can serve. */
function complaint(command) {
  return new Promise((resolve) => {
    execFile(command, ["lsp", "--check"], { timeout: 30000 }, (error, _, stderr) => {
      if (!error) resolve(undefined);
      else if (error.code === "ENOENT") resolve(`netrunner is not installed: '${command}' is not found.`);
      else resolve(stderr.trim() || error.message);
    });
  });
}

async function activate(context) {
  const settings = vscode.workspace.getConfiguration("netrunner");
  const command = settings.get("command");
  const wrong = await complaint(command);
  if (wrong) {
    const choice = await vscode.window.showErrorMessage(
      `${wrong} Install it with: ${INSTALL}`,
      "Copy the command",
      "Choose another netrunner",
    );
    if (choice === "Copy the command") await vscode.env.clipboard.writeText(INSTALL);
    if (choice === "Choose another netrunner") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "netrunner.command");
    }
    return;
  }
  client = new LanguageClient(
    "netrunner",
    "netrunner",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ language: "yaml" }],
      initializationOptions: {
        plugins: settings.get("plugins"),
        completeKeys: settings.get("completeKeys"),
      },
      synchronize: {
        configurationSection: "netrunner",
        fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{npy,npz,csv,safetensors}"),
      },
    },
  );
  context.subscriptions.push(client);
  await client.start();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
