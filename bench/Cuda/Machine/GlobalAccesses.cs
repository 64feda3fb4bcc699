namespace QSim.CudaDriver.Machine;

/// <summary>A thread of a launch, and how many barriers its group is past.</summary>
/// <param name="Launch">Number of the launch.</param>
/// <param name="Group">Its group; <see cref="GlobalAccesses.Many"/> for threads of several.</param>
/// <param name="Phase">Barriers.</param>
/// <param name="Thread">Its number in the group; <see cref="GlobalAccesses.Many"/> for
/// several.</param>
internal readonly record struct User(int Launch, int Group, int Phase, int Thread);

/// <summary>
/// Who wrote and read each byte of the device's memory last. Threads of one launch may not use what
/// another writes, in any order, unless they are of one group and a barrier lies between.
/// </summary>
internal static unsafe class GlobalAccesses
{
    /// <summary>Not one, but several.</summary>
    public const int Many = -1;

    /// <summary>Users of a byte: who wrote it, who read it.</summary>
    public const int Each = 2;

    /// <summary>Notes an access.</summary>
    /// <param name="i">What is executed.</param>
    /// <param name="users">Of the first byte and those behind it.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="user">Who.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <exception cref="KernelFault">Another thread may use it at the same time.</exception>
    public static void Add(Instruction i, User* users, int bytes, User user, bool isWrite)
    {
        for (int at = 0; at < bytes; at++, users += Each)
        {
            if (IsBeside(users[0], user)) throw Race(i, "wrote", users[0]);
            if (isWrite)
            {
                if (IsBeside(users[1], user)) throw Race(i, "read", users[1]);
                users[0] = user;
            }
            else
            {
                users[1] = Both(users[1], user);
            }
        }
    }

    private static bool IsBeside(User other, User user) =>
        other.Launch == user.Launch
        && (other.Group != user.Group
            || (other.Thread != user.Thread && other.Phase == user.Phase));

    /// <summary>Readers of one launch together.</summary>
    private static User Both(User other, User user) =>
        other.Launch != user.Launch || (other.Group == user.Group && other.Phase < user.Phase)
            ? user
            : new(
                user.Launch, other.Group == user.Group ? user.Group : Many, user.Phase,
                other.Thread == user.Thread ? user.Thread : Many);

    private static KernelFault Race(Instruction i, string did, User other) => new(
        i, (other.Group == Many ? "several threads"
            : other.Thread == Many ? $"several threads of group {other.Group}"
            : $"thread {other.Thread} of group {other.Group}")
            + $" {did} these bytes in the same launch");
}
