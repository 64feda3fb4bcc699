namespace QSim.CudaDriver.Machine;

/// <summary>Computes a register from registers, or moves between registers and memory.</summary>
internal delegate void Step(Lane lane, Instruction instruction);

/// <summary>What an instruction does to the order in which instructions come.</summary>
internal enum Flow
{
    /// <summary>The next one follows.</summary>
    Next,

    /// <summary>Goes to <see cref="Instruction.Target"/>.</summary>
    Branch,

    /// <summary>Goes to one of <see cref="Instruction.Many"/>, by the number in A.</summary>
    Table,

    /// <summary>The thread ends.</summary>
    Return,

    /// <summary>Waits for every thread of the group.</summary>
    Barrier,

    /// <summary>Waits for the warp, whose lanes exchange something.</summary>
    Warp,
}

/// <summary>An address space.</summary>
internal enum Space
{
    /// <summary>The device's memory.</summary>
    Global,

    /// <summary>The group's, from 0.</summary>
    Shared,

    /// <summary>The thread's, from 0.</summary>
    Local,

    /// <summary>What the kernel was launched with, from 0.</summary>
    Parameter,
}

/// <summary>
/// An instruction, its operands numbers of registers; constants have registers too.
/// </summary>
internal sealed class Instruction
{
    /// <summary>For messages, counted from 1.</summary>
    public required int Line { get; init; }

    /// <summary>With its modifiers.</summary>
    public required string Name { get; init; }

    /// <summary>What it does; null where only the order of instructions changes.</summary>
    public Step? Step { get; set; }

    /// <summary>What comes after it.</summary>
    public Flow Flow { get; set; }

    /// <summary>What the lanes of a warp exchange.</summary>
    public Action<Lane[], Instruction>? Exchange { get; set; }

    /// <summary>The predicate; -1 where it always runs.</summary>
    public int Guard { get; set; } = -1;

    /// <summary>Runs where the predicate does not hold.</summary>
    public bool IsNegated { get; set; }

    /// <summary>The result's register.</summary>
    public int D { get; set; }

    /// <summary>
    /// How many of A, B and C are read, where a register is computed from registers.
    /// </summary>
    public int Sources { get; set; }

    /// <summary>The first operand.</summary>
    public int A { get; set; }

    /// <summary>The second operand.</summary>
    public int B { get; set; }

    /// <summary>The third operand.</summary>
    public int C { get; set; }

    /// <summary>
    /// Registers of a vector, operands of a matrix product, or places to branch to.
    /// </summary>
    public int[] Many { get; set; } = [];

    /// <summary>Added to the address in A.</summary>
    public long Offset { get; set; }

    /// <summary>Of one element that is moved, or of the result's register.</summary>
    public int Bytes { get; set; }

    /// <summary>Where the element lies.</summary>
    public Space Space { get; set; }

    /// <summary>Where a branch goes to.</summary>
    public int Target { get; set; }
}
