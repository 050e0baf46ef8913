namespace Gateway.FunctionalTests.Contract;

/// <summary>What a server does by itself, so that no driver can keep the contract's word on it.</summary>
[Flags]
public enum ServerQuirks
{
    None = 0,

    /// <summary>Resolves symbolic links itself and shows what they lead to.</summary>
    HidesLinks = 1,

    /// <summary>Shows what the account may not see as missing or empty, reports refusals without a reason, and sets no bits.</summary>
    HidesPermissions = 2,

    /// <summary>Lets any user name in with the right key.</summary>
    IgnoresUsernames = 4,

    /// <summary>Serves all sessions in one thread: one blocked call blocks them all.</summary>
    OneThread = 8,

    /// <summary>Shows names that are no plain text as others, or not at all.</summary>
    TranslatesNames = 16,

    /// <summary>Takes no backslash in a name, and writes a space at its end in another way.</summary>
    PlainNames = 32,

    /// <summary>Makes no folder with an asterisk in its name.</summary>
    NoAsteriskFolders = 64,

    /// <summary>Offers posix-rename, and shows the target missing for a moment.</summary>
    RenamesInSteps = 128,
}
