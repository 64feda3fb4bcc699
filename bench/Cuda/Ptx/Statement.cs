namespace QSim.CudaDriver.Ptx;

/// <summary>
/// A piece of PTX up to its semicolon: a directive, or an instruction with its operands as text.
/// </summary>
/// <param name="Line">Where it begins, counted from 1.</param>
/// <param name="Guard">The predicate in front, <c>p</c> or <c>!p</c>; empty where there is
/// none.</param>
/// <param name="Name">The instruction with its modifiers, or a directive with its dot.</param>
/// <param name="Operands">What stands between commas; braces and brackets hold together.</param>
internal sealed record Statement(int Line, string Guard, string Name, string[] Operands);

/// <summary>What a body is made of.</summary>
/// <param name="Label">A place to branch to; empty for a statement.</param>
/// <param name="Statement">Null for a label.</param>
internal readonly record struct BodyItem(string Label, Statement? Statement);

/// <summary>A kernel as it is written.</summary>
/// <param name="Name">What it is found by.</param>
/// <param name="Target">Compute capability times ten: 80 for <c>sm_80</c>.</param>
/// <param name="Parameters">Declarations, in order.</param>
/// <param name="MostThreads">Per group; 0 where nothing is said.</param>
/// <param name="Body">In order, blocks flattened.</param>
internal sealed record KernelText(
    string Name, int Target, Declaration[] Parameters, int MostThreads, BodyItem[] Body);

/// <summary>A variable or parameter.</summary>
/// <param name="Name">Of any space.</param>
/// <param name="Bytes">0 for a dynamic array.</param>
/// <param name="Alignment">In bytes.</param>
internal readonly record struct Declaration(string Name, int Bytes, int Alignment);
