using Gateway.Sftp.Transport;

namespace Gateway.UnitTests.Sftp.Transport;

public sealed class SshPromptsTests
{
    private const string PasswordPrompt = "alice@files's password: ";

    [Theory]
    [InlineData(PasswordPrompt)]
    [InlineData("(alice@files) Password: ")]
    [InlineData("(alice@files) Password for alice@FILES:")]
    [InlineData("(alice@files) Mot de passe : ")]
    [InlineData("(alice@files) Verification code: ")]
    [InlineData("(alice@files) Password for hotpotato@REALM: ")]
    [InlineData("Password:")]
    public void The_first_question_for_a_secret_gets_the_password(string prompt) =>
        Assert.Equal("hunter2", NewPrompts().Decide(prompt, isHidden: true, isComplete: false).Answer);

    [Theory]
    [InlineData("Enter passphrase for key '/keys/id': ")]
    [InlineData("Enter passphrase for '/keys/id': ")]
    public void A_key_gets_the_passphrase_and_not_the_password(string prompt) =>
        Assert.Equal("open sesame", NewPrompts().Decide(prompt, isHidden: true, isComplete: false).Answer);

    [Fact]
    public void A_passphrase_is_given_once_per_server_of_the_chain()
    {
        const string Prompt = "Enter passphrase for key '/keys/id': ";
        var prompts = NewPrompts(new JumpHost(null, "gate", 22));

        Assert.NotNull(prompts.Decide(Prompt, true, false).Answer);
        Assert.NotNull(prompts.Decide(Prompt, true, false).Answer);
        Assert.Equal(SshFailureKind.PassphraseWrong, prompts.Decide(Prompt, true, false).Refusal);
    }

    [Fact]
    public void A_question_is_judged_only_when_it_is_there_in_full()
    {
        var prompts = NewPrompts();

        Assert.Equal(SshPromptDecision.Wait, prompts.Decide("alice@fil", isHidden: true, isComplete: false));
        Assert.Equal(SshPromptDecision.Wait, prompts.Decide("\r\n", isHidden: true, isComplete: true));
        Assert.Equal("hunter2", prompts.Decide(PasswordPrompt, isHidden: true, isComplete: false).Answer);
    }

    [Fact]
    public void A_question_without_a_colon_is_answered_once_nothing_more_comes() =>
        Assert.Equal("hunter2", NewPrompts().Decide("(alice@files) Password", isHidden: true, isComplete: true).Answer);

    [Fact]
    public void A_second_question_for_the_password_means_that_it_was_refused_and_is_not_answered()
    {
        var prompts = NewPrompts();
        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Answer);

        Assert.Equal(SshFailureKind.AuthenticationRefused, prompts.Decide("(alice@files) Password: ", true, false).Refusal);
    }

    [Fact]
    public void A_second_question_of_another_kind_is_a_second_factor()
    {
        var prompts = NewPrompts();
        Assert.NotNull(prompts.Decide("(alice@files) Password: ", true, false).Answer);

        Assert.Equal(SshFailureKind.UnexpectedQuestion, prompts.Decide("(alice@files) Verification code: ", true, false).Refusal);
    }

    [Fact]
    public void Each_server_of_a_chain_gets_the_password_once()
    {
        var prompts = NewPrompts(new JumpHost("ops", "gate", 22));

        Assert.NotNull(prompts.Decide("ops@gate's password: ", true, false).Answer);
        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Answer);
        Assert.NotNull(prompts.Decide("ops@gate's password: ", true, false).Refusal);
        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Refusal);
    }

    [Fact]
    public void Two_servers_with_one_name_get_it_twice()
    {
        var prompts = NewPrompts(new JumpHost("alice", "FILES", 2222));

        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Answer);
        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Answer);
        Assert.NotNull(prompts.Decide(PasswordPrompt, true, false).Refusal);
    }

    [Theory]
    [InlineData("Are you sure you want to continue connecting (yes/no/[fingerprint])? ")]
    [InlineData("Enter PIN for ED25519-SK key /keys/id: ")]
    [InlineData("(alice@files) Enter your one-time passcode: ")]
    [InlineData("(alice@files) Duo two-factor login for alice: ")]
    public void What_only_a_person_can_answer_is_refused(string prompt) =>
        Assert.Equal(SshFailureKind.UnexpectedQuestion, NewPrompts().Decide(prompt, isHidden: true, isComplete: true).Refusal);

    [Theory]
    [InlineData("Enter alice@files's old password: ")]
    [InlineData("Enter alice@files's new password: ")]
    [InlineData("(alice@files) Current password: ")]
    [InlineData("(alice@files) (current) UNIX password: ")]
    [InlineData("(alice@files) You are required to change your password immediately (password expired).\nNew password: ")]
    public void A_wish_for_a_new_password_is_never_answered_with_the_old(string prompt) =>
        Assert.Equal(SshFailureKind.PasswordExpired, NewPrompts().Decide(prompt, isHidden: true, isComplete: true).Refusal);

    [Fact]
    public void A_question_that_shows_its_answer_gets_no_secret_unless_it_asks_for_the_password()
    {
        Assert.Equal(SshFailureKind.UnexpectedQuestion, NewPrompts().Decide("(alice@files) Company: ", isHidden: false, isComplete: true).Refusal);
        Assert.Equal("hunter2", NewPrompts().Decide("(alice@files) Password: ", isHidden: false, isComplete: true).Answer);
    }

    [Fact]
    public void Without_a_password_nothing_is_answered()
    {
        var prompts = new SshPrompts(new SshCommand { Host = "files", Username = "alice", Passphrase = "open sesame" });

        Assert.Equal(SshFailureKind.UnexpectedQuestion, prompts.Decide(PasswordPrompt, true, false).Refusal);
    }

    private static SshPrompts NewPrompts(params JumpHost[] jumps) =>
        new(new SshCommand { Host = "files", Username = "alice", Password = "hunter2", Passphrase = "open sesame", Jumps = jumps });
}
