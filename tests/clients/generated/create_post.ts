// Creates a post with the generated client and prints what the API says of it.
import { AccountsApi, Configuration, PostsApi, ResponseError } from "./client";

async function main(basePath: string, accessToken: string): Promise<void> {
  const configuration = new Configuration({ basePath, accessToken });
  const posts = new PostsApi(configuration);
  const accounts = (await new AccountsApi(configuration).listAccounts()).data.accounts;
  const created = await posts.createPost({
    createPost: {
      content: "Hello from TypeScript",
      accountIds: accounts.map((account) => account.id),
      scheduledAt: new Date(Date.now() + 3_600_000),
      platformContent: { x: { settings: { replySettings: "following" } } },
    },
  });
  const read = (await posts.getPost({ postId: created.data.postId })).data;
  let refusal = "";
  try {
    await posts.createPost({ createPost: { content: "To no account", accountIds: [] } });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    refusal = (await error.response.json()).error.code;
  }
  const { content, status, destinations } = read;
  console.log(JSON.stringify({ content, status, refusal, account: destinations[0].accountName }));
}

main(process.argv[2], process.argv[3]).catch((error) => {
  console.error(error);
  process.exit(1);
});
