using System.Text.Json;
using System.Text.Json.Nodes;

namespace QSim.Runner.Tests.Serving;

/// <summary>What a client hears of hardware, on a network trained for one epoch.</summary>
public class SessionTests
{
    private const string Stochastic =
        "schema: qsim/hardware-profile/1\nname: dice\nextends: int8-wide\n"
            + "requantize: {rounding: STOCHASTIC}\n";

    private static readonly byte[] TestImages = Conversation.Frame(8, 3, "{\"handle\": 1}");

    private static readonly Heard Digits = Conversation.Answers(
        Conversation.Hello, Open("int4"), TestImages)[2];

    private static readonly float[] Pixels = Digits.Array<float>("images");

    [Fact]
    public void Forward_ManyImages_GivesEachWhatItGivesAlone()
    {
        IReadOnlyList<Heard> heard = Conversation.Answers(
        [
            Conversation.Hello, Open("int8-acc-wrap"), Forward(500, 0),
            .. Enumerable.Range(0, 5).Select(i => Forward(1, 499 - i)),
        ]);

        long[] together = heard[2].Array<long>("raw");
        for (int i = 0; i < 5; i++)
            Assert.Equal(
                together.AsSpan((499 - i) * 10, 10), heard[3 + i].Array<long>("raw").AsSpan());
        double scale = heard[1].Head.GetProperty("output").GetProperty("scale").GetDouble();
        Assert.Equal(
            together.Select(r => (float)(scale * r)), heard[2].Array<float>("logits"));
        Assert.Equal(
            Enumerable.Range(0, 500).Select(i => Array.IndexOf(
                together[(i * 10)..((i + 1) * 10)], together[(i * 10)..((i + 1) * 10)].Max())),
            heard[2].Array<int>("predictions"));
    }

    [Fact]
    public void Forward_Bytes_AreTwoHundredAndFiftyFifths()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Open("int8-wide"),
            Conversation.Frame(4, 3, Handle(), ("images", [4, 64], bytes)),
            Conversation.Frame(
                4, 4, Handle(),
                ("images", [4, 1, 8, 8], Array.ConvertAll(bytes, b => b / 255f))));

        Assert.Equal(heard[2].Array<long>("raw"), heard[3].Array<long>("raw"));
    }

    [Fact]
    public void Taps_OfTheLastLayer_AreTheRawLogits()
    {
        JsonObject asked = Handle();
        asked["layers"] = new JsonArray("dense2", "conv1", "input");
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Open("int8-acc-sat"), Forward(200, 0),
            Conversation.Frame(5, 4, asked, ("images", [200, 64], Pixels[..(200 * 64)])));

        Assert.Equal(
            heard[2].Array<long>("raw"), heard[3].Array<int>("dense2").Select(v => (long)v));
        Assert.Equal(200 * 8 * 64, heard[3].Array<int>("conv1").Length);
        Assert.Equal(200 * 64, heard[3].Array<int>("input").Length);
    }

    [Fact]
    public void Gradient_OfTheLossesOwnVectors_IsThatOfTheLoss()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 10)];
        JsonObject loss = Handle();
        loss["loss"] = "ce";
        var images = ("images", new[] { 100, 64 }, (Array)Pixels[..6400]);
        Heard ofLoss = Conversation.Answers(
            Conversation.Hello, Open("int8-acc-wrap"),
            Conversation.Frame(6, 3, loss, images, ("labels", [100], labels)))[2];
        float[] logits = ofLoss.Array<float>("logits"), vectors = new float[1000];
        for (int i = 0; i < 100; i++)
        {
            double sum = Enumerable.Range(0, 10).Sum(c => Math.Exp(logits[(i * 10) + c]));
            for (int c = 0; c < 10; c++)
                vectors[(i * 10) + c] = (float)(
                    (Math.Exp(logits[(i * 10) + c]) / sum) - (c == labels[i] ? 1 : 0));
        }

        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Open("int8-acc-wrap"),
            Conversation.Frame(6, 3, Handle(), images, ("vectors", [100, 10], vectors)),
            Forward(100, 0));

        float[] expected = ofLoss.Array<float>("gradients");
        Assert.Contains(expected, g => Math.Abs(g) > 0.01f);
        Assert.All(
            expected.Zip(heard[2].Array<float>("gradients")),
            p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 1e-5f));
        Assert.Equal(heard[3].Array<float>("logits"), logits);
        Assert.Equal(heard[3].Array<int>("predictions"), ofLoss.Array<int>("predictions"));
    }

    [Fact]
    public void Forward_StochasticRounding_FollowsTheImagesIndex()
    {
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, OpenText(Stochastic), Forward(200, 0, 1000),
            Forward(1, 150, 1150), Forward(1, 150, 1151));

        Assert.True(heard[1].Head.GetProperty("stochastic").GetBoolean());
        long[] own = heard[2].Array<long>("raw")[1500..1510];
        Assert.Equal(own, heard[3].Array<long>("raw"));
        Assert.NotEqual(own, heard[4].Array<long>("raw"));
    }

    [Fact]
    public void Open_TheSameHardwareInOtherWords_HasTheSameHash()
    {
        const string Same =
            "schema: qsim/hardware-profile/1\nname: mine\nextends: int8-acc-wrap\n";
        IReadOnlyList<Heard> heard = Conversation.Answers(
            Conversation.Hello, Open("int8-acc-wrap"), OpenText(Same),
            OpenText(Same + "mac: {accumulator: {bits: 18}}\n"), Forward(50, 0));

        string[] hashes = [.. heard.Skip(1).Take(3).Select(
            h => h.Head.GetProperty("bits_sha256").GetString()!)];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(hashes[0], hashes[2]);
        Assert.Equal([1, 2, 3], heard.Skip(1).Take(3).Select(
            h => h.Head.GetProperty("handle").GetInt32()));
    }

    [Fact]
    public void Images_AreTheStudysTestImages()
    {
        Heard some = Conversation.Answers(
            Conversation.Hello, Open("int4"),
            Conversation.Frame(8, 3, "{\"handle\": 1, \"first\": 498, \"count\": 9}"))[2];

        Assert.Equal(500, some.Head.GetProperty("count").GetInt32());
        Assert.Equal(Pixels[(498 * 64)..], some.Array<float>("images"));
        Assert.Equal(Digits.Array<int>("labels")[498..], some.Array<int>("labels"));
    }

    internal static byte[] Open(string profile) => Conversation.Frame(
        3, 2,
        $$"""
        {"profile": "{{profile}}", "study":
            {"data": "digits", "network": "digits-cnn", "epochs": 1}
        }
        """);

    private static byte[] OpenText(string profile) => Conversation.Frame(
        3, 2,
        $$"""
        {"profile": {"text": {{JsonSerializer.Serialize(profile)}} }, "study":
            {"data": "digits", "network": "digits-cnn", "epochs": 1}
        }
        """);

    private static byte[] Forward(int count, int from, long first = 0)
    {
        JsonObject head = Handle();
        head["first_image"] = first;
        return Conversation.Frame(
            4, 9, head, ("images", [count, 64], Pixels[(from * 64)..((from + count) * 64)]));
    }

    private static JsonObject Handle() => new() { ["handle"] = 1 };
}
