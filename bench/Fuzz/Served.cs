using System.Buffers.Binary;
using System.Text.Json;
using QSim.Runner;
using QSim.Runner.Data;
using QSim.Runner.Serving;

namespace QSim.Fuzz;

/// <summary>A conversation with <c>qsim serve</c>, damaged, and what it answers.</summary>
internal static class Served
{
    private const int Defect = 3;

    /// <summary>
    /// Three times of four a frame is damaged and has the lengths that fit, or nothing behind it
    /// would be read. One conversation of eight is random instead.
    /// </summary>
    public static byte[] Mutate(byte[] original, Dice dice)
    {
        if (dice.OneIn(8)) return Random([.. Split(original)], dice);
        if (dice.OneIn(4)) return Mutator.Mutate(original, dice.OneIn(2), dice);
        List<byte[]> frames = [.. Split(original)];
        int at = dice.Below(frames.Count);
        switch (dice.Below(8))
        {
            case 0: frames.RemoveAt(at); break;
            case 1: frames.Insert(at, dice.Of(frames)); break;
            case 2: frames[at][4] = (byte)dice.Below(256); break;
            default: frames[at] = Damaged(frames[at], dice); break;
        }

        return [.. frames.SelectMany(f => f)];
    }

    /// <summary>
    /// Whatever was sent, every frame that comes back is whole, and no error is a defect.
    /// </summary>
    public static Outcome Talk(byte[] bytes)
    {
        using var said = new MemoryStream();
        try
        {
            new Session(new(new MemoryStream(bytes), said), new DataFolders(["."]))
                .Run(CancellationToken.None);
        }
        catch (RequestException)
        {
            // It ended within a frame, which the last answer says.
        }

        byte[][] answers = [.. Split(said.ToArray())];
        foreach (byte[] answer in answers)
        {
            int head = BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(12));
            using var document = JsonDocument.Parse(answer.AsMemory(Wire.HeaderBytes, head));
            if ((FrameKind)answer[4] != FrameKind.Error) continue;
            string text = document.RootElement.GetProperty("error").GetString()!;
            if (document.RootElement.GetProperty("code").GetInt32() == Defect)
                throw new InvalidOperationException(text);
            if (text.Split('\n').Any(line => line.Length is 0 or > RunFolder.Most))
                throw new InvalidOperationException($"an error of {text.Length} characters");
        }

        return !Has(answers, FrameKind.Answer | FrameKind.Forward) ? Outcome.Refused
            : Has(answers, FrameKind.Error) ? Outcome.Read
            : Outcome.Executed;
    }

    private static bool Has(byte[][] answers, FrameKind kind) =>
        answers.Any(a => (FrameKind)a[4] == kind);

    /// <summary>
    /// Frames of random kinds, lengths and bytes, behind the right start of a conversation or none.
    /// </summary>
    private static byte[] Random(List<byte[]> right, Dice dice)
    {
        List<byte> bytes = [.. right.Take(dice.Below(3)).SelectMany(f => f)];
        for (int frames = 1 + dice.Below(4); frames > 0; frames--)
        {
            byte[] content = new byte[dice.Below(dice.Of([4, 64, 2000]))],
                header = new byte[Wire.HeaderBytes];
            for (int i = 0; i < content.Length; i++) content[i] = (byte)dice.Next();
            for (int i = 0; i < header.Length; i++) header[i] = (byte)dice.Next();
            int length = Wire.HeaderBytes - Wire.LengthBytes + content.Length;
            if (!dice.OneIn(4)) BinaryPrimitives.WriteInt32LittleEndian(header, length);
            if (!dice.OneIn(4)) header.AsSpan(4, 4).Clear();
            header[4] = (byte)dice.Below(12);
            if (!dice.OneIn(4))
                BinaryPrimitives.WriteInt32LittleEndian(
                    header.AsSpan(12), dice.Below(content.Length + 1));
            bytes.AddRange([.. header, .. content]);
        }

        return [.. bytes];
    }

    /// <summary>Head as text, body as bytes.</summary>
    private static byte[] Damaged(byte[] frame, Dice dice)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(12)),
            split = Wire.HeaderBytes + length;
        byte[] head = frame[Wire.HeaderBytes..split], body = frame[split..];
        if (body.Length == 0 || !dice.OneIn(3)) head = Mutator.Mutate(head, true, dice);
        else body = Mutator.Mutate(body, false, dice);
        byte[] whole = [.. frame[..Wire.HeaderBytes], .. head, .. body];
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length - Wire.LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(12), head.Length);
        return whole;
    }

    private static IEnumerable<byte[]> Split(byte[] frames)
    {
        for (int at = 0; at < frames.Length;)
        {
            int length = Wire.LengthBytes + BinaryPrimitives.ReadInt32LittleEndian(
                frames.AsSpan(at, Wire.LengthBytes));
            yield return frames[at..(at + length)];
            at += length;
        }
    }
}
