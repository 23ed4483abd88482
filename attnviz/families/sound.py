"""Models that hear: encoders of one sound, and those that write down what they hear."""

from attnviz.families.encoder_decoder import three
from attnviz.families.family import Family, Part
from attnviz.inputs import Generated, Input, Sound, SoundAndText

_ATTENTION = {  # model type -> the module that attends
    "wav2vec2": "Wav2Vec2Attention",
    "wav2vec2-conformer": "Wav2Vec2ConformerSelfAttention",
    "wav2vec2-bert": "Wav2Vec2BertSelfAttention",  # in its adapter too, where it has one
    "hubert": "HubertAttention",
    "unispeech": "UniSpeechAttention",
    "unispeech-sat": "UniSpeechSatAttention",
    "data2vec-audio": "Data2VecAudioAttention",
    "sew": "SEWAttention",
    "audio-spectrogram-transformer": "ASTAttention",
    "parakeet_encoder": "ParakeetEncoderAttention",
    "parakeet_ctc": "ParakeetEncoderAttention",
    "lasr_encoder": "LasrEncoderAttention",
    "lasr_ctc": "LasrEncoderAttention",
    "qwen2_audio_encoder": "Qwen2AudioAttention",
    "voxtral_encoder": "VoxtralAttention",
    "audioflamingo3_encoder": "AudioFlamingo3Attention",
    "glmasr_encoder": "GlmAsrAttention",
}
_WEIGHED = {
    "wavlm": "WavLMAttention",
    "sew-d": "DisentangledSelfAttention",
}
_WRITERS = {  # model type -> the module that attends, in all three stacks
    "whisper": "WhisperAttention",
    "moonshine": "MoonshineAttention",
    "speech_to_text": "Speech2TextAttention",
}

HEARS: tuple[type[Input], ...] = (Sound,)
WRITES_DOWN: tuple[type[Input], ...] = (SoundAndText, Generated)
SPELLS = ("AutoModelForCTC", "AutoModelForAudioClassification", "AutoModel")
WRITES = ("AutoModelForSpeechSeq2Seq",)


SOUND = Family(
    "sound", tuple(_ATTENTION), {"self": Part(tuple(dict.fromkeys(_ATTENTION.values())))}, HEARS, doors=SPELLS
)

WEIGHED_SOUND = Family(
    "sound that shows weights",
    tuple(_WEIGHED),
    {"self": Part(tuple(_WEIGHED.values()), weighs=True)},
    HEARS,
    doors=SPELLS,
)

SPEECH = Family("speech to text", tuple(_WRITERS), three(_WRITERS.values()), WRITES_DOWN, doors=WRITES)

WEIGHED_SPEECH = Family(
    "speech to text that shows weights",
    ("speecht5",),
    three(("SpeechT5Attention",), weighs=True),
    WRITES_DOWN,
    doors=WRITES,
)

TRANSCRIBER = Family(
    "transcriber", ("speech-encoder-decoder",), {}, WRITES_DOWN, doors=WRITES
)  # two models of many kinds

SOUNDS = (SOUND, WEIGHED_SOUND, SPEECH, WEIGHED_SPEECH, TRANSCRIBER)
